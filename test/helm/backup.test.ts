import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { IContainer } from 'kubernetes-models/v1/Container';
import { render } from '../support/chart.js';
import { CleanUp } from '../support/clean-up.js';
import { PostgresServer } from '../support/postgres.js';
import { Program } from '../support/process.js';
import { RedisServer } from '../support/redis.js';
import { startProvider, startService, tokenOf } from '../support/service.js';

const backupOf = async (values: object = {}) => {
  const manifests = await render({ backup: { enabled: true, ...values } });
  const { spec } = manifests.pods.find(({ owner }) => owner.startsWith('CronJob'))!;
  return { manifests, spec };
};

describe('The backup of the record', () => {
  const cleanUp = new CleanUp();
  afterEach(() => cleanUp.run());

  /** Runs the command of the container, with this database and this folder. */
  async function dump(container: IContainer, databaseUrl: string, folder: string) {
    const [bash, ...args] = container.command!.map((arg) => arg.replaceAll('/backup', folder));
    const program = new Program(bash!, args, {
      PATH: `${dirname(PostgresServer.program('pg_dump'))}:${process.env['PATH']}`,
      DATABASE_URL: databaseUrl,
    });
    return { code: await program.ended, said: program.output };
  }

  const temporaryFolder = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pairing-backup-'));
    cleanUp.add({ close: () => rm(folder, { recursive: true }) });
    return folder;
  };

  it('can be restored as docs/operations.md says: users find their PINs again', async () => {
    const redis = cleanUp.add(await RedisServer.start());
    const postgres = cleanUp.add(await PostgresServer.start());
    const provider = cleanUp.add(await startProvider());
    const stores = { REDIS_URL: redis.url, PIN_SECRET: 'n5bA8xQz1LwR7tYuE3cVfG6hJ9kMpS2d' };
    const before = await startService({ ...stores, DATABASE_URL: postgres.url }, provider);
    const pin = await before.issuePin();
    await before.stop();

    const folder = await temporaryFolder();
    const { spec } = await backupOf();
    const { code, said } = await dump(spec.containers[0]!, postgres.url, folder);
    expect(said).toMatch(/record-\d{4}-\d\d-\d\dT\d{6}Z\.dump: \d+ bytes/);
    expect(code).toBe(0);

    const [file] = await readdir(folder);
    const other = await postgres.createDatabase('restored');
    const args = '--clean --if-exists --no-owner --no-acl --exit-on-error --single-transaction';
    const restored = new Program(PostgresServer.program('pg_restore'), [
      ...args.split(' '),
      `--dbname=${other}`,
      join(folder, file!),
    ]);
    expect([await restored.ended, restored.output]).toEqual([0, '']);

    const after = cleanUp.add(await startService({ ...stores, DATABASE_URL: other }, provider));
    const authorization = `Bearer ${await tokenOf(provider, 'mcurie')}`;
    const answer = await fetch(`${after.url}/api/v1/issuances`, { headers: { authorization } });
    expect(await answer.json()).toMatchObject({
      issuances: [{ owner: 'mcurie', hint: pin.slice(0, 4) }],
    });
  });

  it('is complete or not there, and fails when it fails', async () => {
    const folder = await temporaryFolder();
    const { spec } = await backupOf();
    const nobody = 'postgres://pairing@127.0.0.1:1/pairing';
    expect((await dump(spec.containers[0]!, nobody, folder)).code).not.toBe(0);
    expect((await readdir(folder)).filter((name) => name.endsWith('.dump'))).toEqual([]);
  });

  it('removes only dumps that are too old', async () => {
    const postgres = cleanUp.add(await PostgresServer.start());
    const folder = await temporaryFolder();
    const { spec } = await backupOf({ keepDays: 7 });
    for (const [name, days] of Object.entries({
      'record-old.dump': 9,
      'record-new.dump': 5,
      mine: 9,
    })) {
      const time = new Date(Date.now() - days * 24 * 3_600_000);
      await writeFile(join(folder, name), '');
      await utimes(join(folder, name), time, time);
    }
    expect((await dump(spec.containers[0]!, postgres.url, folder)).code).toBe(0);
    const left = await readdir(folder);
    expect(left).toHaveLength(3);
    expect(left).toEqual(expect.arrayContaining(['mine', 'record-new.dump']));
  });

  it('has a volume that survives the release, or yours', async () => {
    const { manifests } = await backupOf();
    expect(manifests.one('PersistentVolumeClaim').metadata.annotations).toMatchObject({
      'helm.sh/resource-policy': 'keep',
    });
    const { manifests: own, spec } = await backupOf({ persistence: { existingClaim: 'mine' } });
    expect(own.of('PersistentVolumeClaim')).toEqual([]);
    expect(spec.volumes).toContainEqual({
      name: 'backup',
      persistentVolumeClaim: { claimName: 'mine' },
    });
  });

  it('goes to S3 with the key of a Secret', async () => {
    const s3 = { bucket: 'pairing/record', endpoint: 'https://s3.cern.ch', existingSecret: 'mine' };
    const { manifests, spec } = await backupOf({ s3 });
    expect(manifests.of('PersistentVolumeClaim')).toEqual([]);
    expect(spec.initContainers?.map(({ name }) => name)).toEqual(['dump']);
    const [upload] = spec.containers;
    expect(upload?.args).toContain('s3:pairing/record');
    const secrets = upload?.env?.filter(({ valueFrom }) => valueFrom).map(({ name }) => name);
    expect(secrets).toEqual([
      'RCLONE_CONFIG_S3_ACCESS_KEY_ID',
      'RCLONE_CONFIG_S3_SECRET_ACCESS_KEY',
    ]);
  });

  it("may reach the chart's own PostgreSQL", async () => {
    const manifests = await render({
      networkPolicy: { enabled: true },
      backup: { enabled: true },
    });
    const { ingress } = manifests.one('NetworkPolicy', 'postgresql').spec as {
      ingress: { from: { podSelector: { matchLabels: Record<string, string> } }[] }[];
    };
    const components = ingress[0]!.from.map(
      ({ podSelector }) => podSelector.matchLabels['app.kubernetes.io/component'],
    );
    expect(components).toEqual(['service', 'backup']);
  });
});
