// A master and three workers pair, as images in the field do and then with our agent: node dev/demo.ts
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { bootAgentVm, clusterCommand } from './agent-vm.ts';
import { confirmDevice } from './confirm-device.ts';
import { bootFieldVm } from './field-vm.ts';
import { addKey } from './pairing-api.ts';
import { startDevelopmentService } from './service.ts';

/** The context of a person, before pairing writes into it. */
const BASE = `[example_section]
my_master_ip=###MASTER_IP_PLACEHOLDER###

[ucernvm-begin]
[ucernvm-end]
`;

interface Cluster {
  readonly pin: string;
  /** The contexts. */
  readonly master: string;
  readonly worker: string;
}

const folder = await mkdtemp(join(tmpdir(), 'pairing-demo-'));
const service = await startDevelopmentService(Number(process.env.PORT ?? 3900), {
  ...process.env,
  DATA_DIR: join(folder, 'data'),
  LOG_LEVEL: 'silent',
});
try {
  if (!(await service.ready)) throw new Error('The service ended.');
  await signIn();
  await pair();
  await pairWithAgents();
  await list();
} finally {
  await service.stop();
  await rm(folder, { recursive: true });
}

/** A person signs in at a shell, and confirms the code in a browser on another machine. */
async function signIn(): Promise<void> {
  say('A person signs in at a shell, and confirms the code in a browser.');
  const login = start('login', '--service', service.url);
  let shown = '';
  for await (const chunk of login.stderr) {
    shown += String(chunk);
    const [, address] = /Open (\S+)\nand confirm/.exec(shown) ?? [];
    if (address === undefined) continue;
    show(shown);
    await confirmDevice(address, 'mcurie');
    break;
  }
  if ((await codeOf(login)) !== 0) throw new Error('Nobody is signed in.');
}

/** Gets a PIN, and both contexts in a folder of this name. */
async function create(name: string): Promise<Cluster> {
  say('The person gets a PIN, and both contexts made out of one.');
  await writeFile(join(folder, 'cluster.txt'), BASE);
  const pin = await run('create', '--description', name, '--context', 'cluster.txt', '--out', name);
  const [master, worker] = await Promise.all(
    ['master', 'worker'].map((role) => readFile(join(folder, name, `${role}-context.txt`), 'utf8')),
  );
  return { pin: pin.trim(), master: master!, worker: worker! };
}

async function pair(): Promise<void> {
  const cluster = await create('unmodified');
  say('Three workers boot, and find no master yet.');
  const workers = [1, 2, 3].map((n) => bootFieldVm(join(folder, `w${n}`), cluster.worker));
  show(await readFile(workers[0]!.userData, 'utf8'));

  say('The master boots and posts its address.');
  const master = bootFieldVm(join(folder, 'master'), cluster.master);
  show(await master.console);
  await run('show', cluster.pin);

  say('The master has booted, and its operating system says so.');
  show(await master.announceReady().console);

  say('The workers fetch the address and go on booting.');
  for (const [index, worker] of workers.entries()) {
    show(`worker ${index + 1}: ${await worker.console}`);
    show(await readFile(worker.userData, 'utf8'));
  }
}

/** The same with our agent: workers do not sleep between tries, because the service holds their requests. */
async function pairWithAgents(): Promise<void> {
  const cluster = await create('agents');
  say('Three workers with the agent boot, and wait for their master; so does their owner.');
  const waiting = run('wait', cluster.pin, '--for', 'complete', '--workers', '3');
  const workers = [1, 2, 3].map((n) =>
    bootAgentVm(join(folder, `a${n}`), cluster.worker, `worker-${n}`),
  );

  say('The master boots and posts its address.');
  const master = bootAgentVm(join(folder, 'agent'), cluster.master, 'master');
  show(await master.console);

  say('The master has booted, and says so.');
  const start = performance.now();
  await addKey(service.url, cluster.pin, 'master_ready', 'true');

  const consoles = await Promise.all(workers.map((worker) => worker.console));
  say(`All workers have gone on booting ${(performance.now() - start).toFixed(0)} ms later.`);
  for (const [index, lines] of consoles.entries()) show(`worker ${index + 1}: ${lines}`);
  show(await readFile(workers[0]!.userData, 'utf8'));

  say('The workers have booted, and say so. The master writes a host file.');
  await Promise.all(workers.map((worker) => worker.announceReady().console));
  const members = ['members', '--ready', '--wait', '3'];
  show(
    `# cernvm-cluster ${members.join(' ')}\n${await clusterCommand(join(folder, 'agent'), members).console}`,
  );
  await waiting;
}

/** Shows what became of both PINs, after the fetches of the workers were counted. */
async function list(): Promise<void> {
  say('The person sees what became of the PINs.');
  await run('list');
}

/** Runs a command as a person types it, and shows both. */
async function run(...args: string[]): Promise<string> {
  const command = start(...args);
  command.stderr.pipe(process.stderr);
  const printed = await text(command.stdout);
  if ((await codeOf(command)) !== 0) throw new Error(`${args[0]} failed.`);
  show(`$ cernvm-pairing ${args.join(' ')}\n${printed}`);
  return printed;
}

function start(...args: string[]) {
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: join(folder, 'config') };
  return spawn(process.execPath, [resolve('dist/cli/cernvm-pairing'), ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function codeOf(command: ChildProcess): Promise<number | null> {
  return command.exitCode ?? ((await once(command, 'close')) as [number | null])[0];
}

function say(what: string): void {
  console.log(`\n• ${what}`);
}

function show(text: string): void {
  console.log(text.trim().replaceAll(/^/gm, '    '));
}
