import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { CommandLine } from '../support/command-line.js';
import { CleanUp } from '../support/clean-up.js';
import { Program } from '../support/process.js';
import { secrets } from '../support/secrets.js';
import { type Service, startService } from '../support/service.js';
import { fileOf } from './recipe.js';

/** Notes how it is called, and does what the machines would do that it is asked to start. */
const OPENSTACK = `#!/bin/sh
set -eu
echo "openstack $*" >>calls
max=1
while [ $# -gt 0 ]; do
  case $1 in
    --user-data) context=$2 ;;
    --max) max=$2 ;;
  esac
  shift
done
field() { sed -n "s/^[# ]*$1=//p" "$context"; }
cluster=$(field cvm_service_url)/api/v1/clusters/$(field cvm_cluster_pin)
keys=$cluster/keys
if [ "$(field cvm_cluster_master)" = yes ]; then
  curl -fsS "$keys" -d key=master_ip -d value=10.0.0.7 -o /dev/null
  curl -fsS "$keys" -d key=master_ready -d value=true -o /dev/null
else
  for n in $(seq "$max"); do
    curl -fsS "$keys/master_ip" -o /dev/null
    curl -fsS -X PUT "$cluster/members/worker-$n" -d "address=10.0.0.$n" -d state=ready -o /dev/null
  done
fi
`;
const MACHINE = { IMAGE: 'cernvm', FLAVOR: 'm2.medium', NETWORK: 'inner', KEY: 'mine' };

describe('The recipe for', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  let token: string;
  let commandLine: CommandLine;

  beforeAll(async () => {
    service = cleanUp.add(await startService());
    token = await service.token();
  });
  beforeEach(() => {
    commandLine = cleanUp.add(new CommandLine());
    mkdirSync(commandLine.path('bin'));
    writeFileSync(commandLine.path('bin/openstack'), OPENSTACK, { mode: 0o755 });
    writeFileSync(commandLine.path('cluster.yaml'), fileOf('htcondor', 'cluster.yaml'));
  });
  afterAll(() => cleanUp.run());

  /** Runs a script in the folder where the command line and the context are. */
  const run = async (script: string, env: NodeJS.ProcessEnv) => {
    const { folder } = commandLine;
    const program = new Program('bash', ['-ec', `cd "${folder}"\nexec 2>errors\n${script}`], {
      ...commandLine.env,
      PATH: `${folder}:${folder}/bin:${commandLine.env['PATH']}`,
      PAIRING_URL: service.url,
      ...env,
    });
    const code = await program.ended;
    return { code, output: program.output, errors: readFileSync(join(folder, 'errors'), 'utf8') };
  };
  const calls = () => readFileSync(commandLine.path('calls'), 'utf8').trim().split('\n');
  const pinIn = (file: string) => {
    const context = readFileSync(commandLine.path(file), 'utf8');
    const [, pin] = /cvm_cluster_pin=([a-z0-9]{12})$/m.exec(context)!;
    secrets.secret('a PIN', pin!);
    return pin!;
  };

  it('OpenStack starts a master and workers, and waits until the cluster is complete', async () => {
    const env = { ...MACHINE, NAME: 'analysis', WORKERS: '3', PAIRING_TOKEN: token };
    const { code, output } = await run(fileOf('openstack', 'start-cluster'), env);
    expect([code, output]).toEqual([0, '']);
    const create =
      'openstack server create --image cernvm --flavor m2.medium --network inner --key-name mine --user-data';
    expect(calls()).toEqual([
      `${create} contexts/master-context.txt analysis-master`,
      `${create} contexts/worker-context.txt --min 3 --max 3 analysis-worker`,
    ]);
    const { stdout } = await commandLine.run(['show', pinIn('contexts/worker-context.txt')], {
      PAIRING_URL: service.url,
    });
    expect(stdout).toMatch(/State +ready\nMaster +10\.0\.0\.7\nWorkers +3 of 3 \(3 joined\)\n/);
  });

  it('Terraform makes one PIN, however often it is run', async () => {
    writeFileSync(commandLine.path('pairing.sh'), fileOf('terraform', 'pairing.sh'));
    const script = 'echo "{}" | sh pairing.sh';
    const first = await run(script, { PAIRING_TOKEN: token });
    expect(first.code).toBe(0);
    const pin = pinIn('contexts/master-context.txt');
    // An external data source takes an object of strings, and nothing else.
    const result = JSON.parse(first.output) as Record<string, unknown>;
    expect(result).toEqual({
      pin,
      creation_time: expect.any(String),
      service_url: service.url,
      master_context: 'contexts/master-context.txt',
      worker_context: 'contexts/worker-context.txt',
    });
    expect((await run(script, { PAIRING_TOKEN: 'expired' })).output).toBe(first.output);

    const main = fileOf('terraform', 'main.tf');
    for (const [, name] of main.matchAll(/data\.external\.pairing\.result\.(\w+)/g)) {
      expect(result).toHaveProperty(name!);
    }
  });

  it('Terraform keeps nothing of a PIN that it did not get', async () => {
    writeFileSync(commandLine.path('pairing.sh'), fileOf('terraform', 'pairing.sh'));
    const failed = await run('echo "{}" | sh pairing.sh', { PAIRING_TOKEN: 'expired' });
    expect(failed.code).toBe(3);
    expect(failed.errors).toContain('is not valid, or has expired');
    expect((await run('echo "{}" | sh pairing.sh', { PAIRING_TOKEN: token })).code).toBe(0);
    pinIn('contexts/master-context.txt');
  });

  it('GitLab starts a cluster in a job, and ends its PIN after it', async () => {
    const job = (parse(fileOf('gitlab-ci', '.gitlab-ci.yml')) as Record<string, Job>)['cluster']!;
    const tokens = await tokenEndpoint(token);
    cleanUp.add(tokens);
    const { sha256 } = (await (await fetch(`${service.url}/cernvm-pairing.json`)).json()) as {
      sha256: string;
    };
    const env = {
      ...MACHINE,
      WORKERS: '3',
      NAME: 'ci-17',
      TOKEN_URL: tokens.url,
      PAIRING_SHA256: sha256,
      PAIRING_CLIENT_ID: 'ci',
      PAIRING_CLIENT_SECRET: 'a secret of CI',
    };
    const lines = [...job.before_script, ...job.script].join('\n');
    const { code, output } = await run(`rm cernvm-pairing\n${lines}`, env);
    expect([code, output]).toEqual([0, expect.stringContaining('cernvm-pairing: OK\n')]);
    expect(output).toMatch(/ok +sign-in +valid/);
    expect(tokens.asked[0]).toEqual(
      'grant_type=client_credentials&client_id=ci&client_secret=a+secret+of+CI&audience=cluster-pairing',
    );
    expect(calls()).toHaveLength(2);

    const pin = pinIn('contexts/master-context.txt');
    expect((await service.api(`/clusters/${pin}`)).status).toBe(200);
    expect((await run(job.after_script.join('\n'), env)).code).toBe(0);
    expect((await service.api(`/clusters/${pin}`)).status).toBe(404);
  });

  it('GitLab runs no command line that is not the one it expects', async () => {
    const job = (parse(fileOf('gitlab-ci', '.gitlab-ci.yml')) as Record<string, Job>)['cluster']!;
    const env = { PAIRING_SHA256: '0'.repeat(64) };
    const { code } = await run(`rm cernvm-pairing\n${job.before_script.join('\n')}`, env);
    expect(code).toBe(1);
  });
});

interface Job {
  before_script: string[];
  script: string[];
  after_script: string[];
}

/** Where a client gets this token, as at CERN. */
async function tokenEndpoint(token: string) {
  const asked: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    asked.push(await text(request));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ access_token: token, expires_in: 1200, token_type: 'Bearer' }));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  return { url, asked, close: () => server.close() };
}
