import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandLine } from '../support/command-line.js';
import { CleanUp } from '../support/clean-up.js';
import { secrets } from '../support/secrets.js';
import { type Service, startService } from '../support/service.js';
import { fileOf } from './recipe.js';
import { NOTED, StagedMachine } from './staged-machine.js';

/** Two machines boot, each through four stages of cloud-init. */
const BOOT_MS = 180_000;

/** What the images of all recipes have besides Debian's basics. */
const STUBS = {
  'apt-get': NOTED,
  systemctl: NOTED,
  chown: NOTED,
  condor_token_create: 'echo a-token',
  // Where a machine has which address is not what is tested.
  hostname: 'case $1 in -I) echo "10.0.0.7 fd00::7 " ;; *) echo node ;; esac',
  // What comes from the Internet is a script that notes how it was called; the service is asked for true.
  curl: `case "$*" in
    *https://get.k3s.io*) echo 'echo "install-k3s $* url=\${K3S_URL:-} token=$K3S_TOKEN" >>/var/log/calls' >/run/install-k3s ;;
    *) exec /usr/bin/curl "$@" ;;
  esac`,
};

describe('Booted by the real cloud-init, a cluster of', () => {
  const cleanUp = new CleanUp();
  let service: Service;
  let commandLine: CommandLine;

  beforeAll(async () => {
    service = cleanUp.add(await startService());
    const settings = { PAIRING_URL: service.url, PAIRING_TOKEN: await service.token() };
    commandLine = cleanUp.add(new CommandLine(settings));
  });
  afterAll(() => cleanUp.run());

  /** Makes both contexts of a recipe, and boots a master and then a worker. */
  const form = async (recipe: string) => {
    writeFileSync(commandLine.path('cluster.yaml'), fileOf(recipe, 'cluster.yaml'));
    const args = ['create', '--context', 'cluster.yaml', '--out', recipe];
    const created = await commandLine.run(args);
    const pin = created.stdout.trim();
    secrets.secret('a PIN', pin);
    // The one thing to know of every recipe, which docs/recipes/README.md says as well.
    expect(created.stderr).toMatch(
      /^cernvm-pairing: cluster\.yaml: Images without the new agent.*\n$/,
    );
    const machineOf = (role: string) => {
      const context = readFileSync(commandLine.path(`${recipe}/${role}-context.txt`), 'utf8');
      return cleanUp.add(new StagedMachine(context, STUBS));
    };
    const [master, worker] = [machineOf('master'), machineOf('worker')];
    await master.boot();
    await master.announceReady();
    await worker.boot();
    await worker.announceReady();
    return { pin, master, worker };
  };
  /** What the recipe itself started: without the installation of packages, and without what the agent asks systemd. */
  const started = ({ calls }: StagedMachine) =>
    calls.filter((call) => !/^(apt-get|chown|systemctl list-units) /.test(call));

  it(
    'HTCondor has a central manager that the workers know',
    async () => {
      const { master, worker } = await form('htcondor');
      const config = (machine: StagedMachine) => machine.read('etc/condor/config.d/10-pool');
      expect(config(master)).toMatch(
        /^CONDOR_HOST = 10\.0\.0\.7\nuse ROLE: CentralManager, Submit\n/,
      );
      expect(config(worker)).toMatch(/^CONDOR_HOST = 127\.0\.0\.1\nuse ROLE: Execute\n/);
      for (const machine of [master, worker]) {
        expect(machine.read('etc/condor/passwords.d/POOL')).toBe('POOL_SECRET');
        expect(machine.read('etc/condor/tokens.d/pool')).toBe('a-token\n');
        expect(started(machine)).toEqual(['systemctl restart condor']);
      }
    },
    BOOT_MS,
  );

  it(
    'Slurm has a controller from which the workers get their configuration',
    async () => {
      const { master, worker } = await form('slurm');
      expect(master.read('etc/slurm/slurm.conf')).toMatch(
        /^ClusterName=cernvm\nSlurmctldHost=node\(10\.0\.0\.7\)\nSlurmctldParameters=enable_configless\n/,
      );
      expect(started(master)).toEqual(['systemctl restart munge', 'systemctl restart slurmctld']);
      expect(worker.read('etc/slurm/slurm.conf')).toBe('');
      expect(worker.read('etc/default/slurmd')).toBe(
        "SLURMD_OPTIONS='-Z --conf-server 127.0.0.1'\n",
      );
      expect(started(worker)).toEqual(['systemctl restart munge', 'systemctl restart slurmd']);
      expect(worker.calls.join('\n')).toContain('install munge slurm-wlm');
      await master.runScript(fileOf('slurm', 'name-workers'), '1');
      expect(master.read('etc/hosts')).toMatch(/^127\.0\.0\.1 \S+ # workers$/m);
    },
    BOOT_MS,
  );

  it(
    'MPI has a host file of its workers on the master, and their names',
    async () => {
      const { master, worker } = await form('mpi');
      await master.run('/usr/local/sbin/mpi-hosts', '1');
      expect(master.read('run/mpi-hosts')).toBe('127.0.0.1\n');
      expect(master.read('etc/hosts')).toMatch(/^127\.0\.0\.1 \S+ # workers$/m);
      expect(master.read('etc/hosts')).toMatch(/^###MASTER_IP_PLACEHOLDER### master$/m);
      expect(worker.read('etc/hosts')).toMatch(/^127\.0\.0\.1 master$/m);
    },
    BOOT_MS,
  );

  it(
    'k3s has a server that the agents join',
    async () => {
      const { master, worker } = await form('k3s');
      expect(started(master)).toEqual([
        'install-k3s server --node-ip 10.0.0.7 url= token=CLUSTER_SECRET',
      ]);
      expect(started(worker)).toEqual([
        'install-k3s agent url=https://127.0.0.1:6443 token=CLUSTER_SECRET',
      ]);
    },
    BOOT_MS,
  );
});
