import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { renderContext } from '../../context/context.js';
import { type Service, startService } from '../support/service.js';
import { copyStage, type Start, stageWithCloudInit } from './cloud-init-stage.js';
import { Machine, PLACEHOLDER } from './machine.js';
import { type Shell, shells } from './shells.js';

/**
 * Contexts in the shape of real ones: each is rendered by the page's module, staged by the real cloud-init,
 * and rewritten by the agent. It must be what cloud-init makes of the same context with the address in the
 * placeholder's place from the beginning.
 */
interface Entry {
  /** The context with this in the place of the address. */
  readonly context: (address: string) => string;
  /** What machines get in its place: it may be packed or included. */
  readonly form?: (context: string) => string | Buffer;
  /** Files that it includes. */
  readonly files?: (context: string) => Record<string, string>;
  readonly console: readonly string[];
}

const fixture =
  (name: string, encode: (text: string) => string = (text) => text) =>
  (address: string) =>
    encode(
      readFileSync(join(import.meta.dirname, `contexts/${name}.txt`), 'utf8').replaceAll(
        PLACEHOLDER,
        address,
      ),
    );
const ADDRESS = '10.10.25.5';
const replaced = (count: number, inTime?: number) =>
  `the master is ${ADDRESS}: ${count} placeholder${count === 1 ? '' : 's'} replaced${inTime === undefined ? '' : `, ${inTime} of which will still be read`}.`;

const base64 = (data: string | Buffer) => Buffer.from(data).toString('base64');
/** A fixture in which `{base64:…}` and `{gzip:…}` stand for what is encoded. */
const encoded = (text: string) =>
  text
    .replace(/\{base64:([^}]*)\}/g, (_, content: string) => base64(content))
    .replace(/\{gzip:([^}]*)\}/g, (_, content: string) => base64(gzipSync(content)));
/** The same multipart with every part in base64, as Python's own e-mail package writes it. */
const partsInBase64 = (text: string) =>
  text.replace(
    /Content-Transfer-Encoding: 7bit\n([^]*?)\n\n([^]*?)\n(?=--===)/g,
    (_, headers: string, body: string) =>
      `Content-Transfer-Encoding: base64\n${headers}\n\n${base64(body).replace(/.{76}/g, '$&\n')}\n\n`,
  );

const motdEarly =
  'too early: write_files has written /etc/proof/master already; give it defer: true.';
const catalogue: Record<string, Entry> = {
  'HTCondor by amiconfig': {
    context: fixture('htcondor'),
    console: [
      `the master is ${ADDRESS}, but cloud-init will read no placeholder for it.`,
      'cloud-init took nothing from this user-data: it must begin with #cloud-config, #! or MIME headers.',
    ],
  },
  'an analysis facility as multipart': {
    context: fixture('analysis-facility'),
    console: [replaced(3, 2), motdEarly],
  },
  'the same, its parts in base64': {
    context: fixture('analysis-facility', partsInBase64),
    console: [replaced(3, 2), motdEarly],
  },
  'the same in gzip': {
    context: fixture('analysis-facility'),
    form: (context) => gzipSync(context),
    console: [replaced(3, 2), motdEarly],
  },
  'Slurm by cloud-config': {
    // What YAML takes for a comment stays one.
    context: (address) =>
      fixture('slurm')(address).replace(`mount ${ADDRESS}`, `mount #${ADDRESS}`),
    console: [
      replaced(3, 2),
      'too early: mounts was applied in the network stage; do it by runcmd.',
      'lost to YAML: a comment begins with the placeholder in line 25; put quotes around it.',
    ],
  },
  'k3s by a script': { context: fixture('k3s'), console: [replaced(2)] },
  'EKS as multipart with the boundary //': {
    context: fixture('eks'),
    console: [replaced(4), 'too early: the boothook part-001 has run already; make it a script.'],
  },
  'a cloud-config-archive': { context: fixture('archive'), console: [replaced(2)] },
  'a template of jinja': { context: fixture('jinja'), console: [replaced(1)] },
  'an include': {
    context: fixture('k3s'),
    form: () => '#include\nfile:///tmp/seed/included\n',
    files: (context) => ({ included: context }),
    console: [replaced(2)],
  },
  'files in base64 and gzip': { context: fixture('encoded', encoded), console: [replaced(3)] },
  '300 KB': {
    context: (address) =>
      `${fixture('k3s')(address)}: <<'END'\n${`${'0123456789abcdef '.repeat(20)}\n`.repeat(900)}END\njoin ${address}\n`,
    console: [replaced(3)],
  },
};

/** What the later stages read, by path: YAML as what it means, and what is encoded as what it hides. */
function readByLaterStages(root: string): Record<string, unknown> {
  const cloud = join(root, 'var/lib/cloud');
  const folders = [
    'instance/scripts',
    'scripts/per-boot',
    'scripts/per-instance',
    'scripts/per-once',
  ];
  const scripts = folders
    .filter((folder) => existsSync(join(cloud, folder)))
    .flatMap((folder) => readdirSync(join(cloud, folder)).map((name) => join(folder, name)));
  const text = (path: string) => readFileSync(join(cloud, path), 'utf8');
  return Object.fromEntries([
    ['cloud-config', decoded(parse(text('instance/cloud-config.txt')))],
    ...scripts.map((path) => [path, text(path)]),
  ]);
}

function decoded(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replace(/[A-Za-z0-9+/]{36,}={0,2}/g, (found) => {
      const bytes = Buffer.from(found, 'base64');
      return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
    });
  }
  if (Array.isArray(value)) return value.map(decoded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, decoded(each)]));
}

const entries = Object.entries(catalogue);
/** Where an entry was staged, as given or with the address in it from the beginning. */
const stageOf = (name: string, context: 'given' | 'wanted') =>
  `${entries.findIndex(([each]) => each === name)}-${context}`;

const machines = new Map<Shell, Machine>();
beforeAll(async () => {
  for (const shell of shells) machines.set(shell, await Machine.create(shell));
});
afterEach(() => Promise.all([...machines.values()].map((machine) => machine.reset())));
afterAll(() => Promise.all([...machines.values()].map((machine) => machine.remove())));

let service: Service;
let stages: string;
beforeAll(async () => {
  service = await startService();
  stages = await mkdtemp(join(tmpdir(), 'pairing-stages-'));
  const starts: Record<string, Start> = {};
  for (const [name, { context, form, files }] of entries) {
    const pin = await service.issuePin();
    await service.addKey(pin, 'master_ip', ADDRESS);
    await service.addKey(pin, 'master_ready', 'yes');
    const start = (base: string): Start => {
      const rendered = renderContext(base, 'worker', { pin, serviceUrl: service.url });
      if ('problem' in rendered) throw new Error(rendered.problem);
      const { text } = rendered;
      return { userData: form?.(text) ?? text, files: files?.(text) ?? {} };
    };
    starts[stageOf(name, 'given')] = start(context(PLACEHOLDER));
    starts[stageOf(name, 'wanted')] = start(context(ADDRESS));
  }
  await stageWithCloudInit(stages, starts);
}, 60_000);
afterAll(async () => {
  await service.stop();
  await rm(stages, { recursive: true });
});

describe.each(entries)('%s', (name, { console }) => {
  it.each(shells)('is what it must be, rewritten with %s', async (shell) => {
    const machine = machines.get(shell)!;
    copyStage(join(stages, stageOf(name, 'given')), machine.root);
    const { console: printed } = await machine.runService('contextualize');
    expect(printed.trim().split('\n')).toEqual(console.map((line) => `Cluster pairing: ${line}`));
    const wanted = join(stages, stageOf(name, 'wanted'));
    expect(readByLaterStages(machine.root)).toEqual(readByLaterStages(wanted));
  });
});
