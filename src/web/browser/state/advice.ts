import {
  type Cluster,
  counted,
  isComplete,
  MAX_WORKERS,
  silentWorkers,
  type Tone,
} from './cluster.ts';
import { roughText } from './times.ts';

/** What a person may do next. */
export interface Advice {
  readonly title: string;
  readonly words: string;
  readonly tone: Tone;
  /** To be run on the machine in question. */
  readonly command?: string;
}

const MINUTE = 60_000;
/** A virtual machine of a common cloud boots within this time. */
const USUAL_BOOT_MS = 5 * MINUTE;
/** The last stage of cloud-init may install software. */
const USUAL_SETUP_MS = 20 * MINUTE;
const SHORT_REST_MS = 60 * MINUTE;

/** What is the matter with a cluster that lives, and what to do next, the most urgent first. */
export function adviseOn(cluster: Cluster, now: number, service: string): Advice[] {
  if (cluster.state === 'ended') return [];
  return [...onStrangers(cluster), ...onProgress(cluster, now, service), ...onExpiry(cluster, now)];
}

function onStrangers(cluster: Cluster): Advice[] {
  const { second_masters: second, master_changes: changes } = cluster;
  const { expected, joined } = cluster.workers;
  const advice: Advice[] = [];
  if (second > 0) {
    advice.push({
      title: 'Two machines claim to be the master',
      words: `The one that came later was refused, ${times(second)}. If the registered address is your master's, stop the other machine. If it is not, somebody else knows the PIN: revoke it.`,
      tone: 'bad',
    });
  }
  if (changes > 0) {
    advice.push({
      title: 'The master was changed or removed',
      words: `It happened ${times(changes)} after the master had registered. If you did not do that, somebody else knows the PIN: revoke it.`,
      tone: 'bad',
    });
  }
  if (joined > (expected ?? MAX_WORKERS - 1)) {
    advice.push({
      title:
        expected === null ? 'The cluster is full' : 'More workers have joined than are expected',
      words: `${joined} have joined${joined < MAX_WORKERS ? '' : ', and no more can'}. If you did not start so many, somebody else knows the PIN: revoke it.`,
      tone: 'warn',
    });
  }
  return advice;
}

function onProgress(cluster: Cluster, now: number, service: string): Advice[] {
  const since = (time: string | null) => now - Date.parse(time ?? '');
  const reach = `curl -fsS ${service}/health/live`;
  switch (cluster.state) {
    case 'issued': {
      const waited = since(cluster.creation_time);
      if (waited < USUAL_BOOT_MS) {
        return [
          {
            title: 'Start the machines',
            words: 'In any order: workers wait until the master has registered.',
            tone: 'busy',
          },
        ];
      }
      return [
        {
          title: `No master for ${roughText(waited)}`,
          words:
            'Is the machine with the master’s context up, and does its console say anything? Can it reach this service? This must answer there:',
          tone: 'warn',
          command: reach,
        },
      ];
    }
    case 'master_registered': {
      const waited = since(cluster.master_time);
      if (waited < USUAL_SETUP_MS) {
        return [
          {
            title: 'The master prepares itself',
            words: 'It says that it is ready at the end of its boot. Nothing to do.',
            tone: 'busy',
          },
        ];
      }
      return [
        {
          title: `The master has not been ready for ${roughText(waited)}`,
          words: 'Check whether its boot has ended, or where it hangs. On the master:',
          tone: 'warn',
          command: 'cloud-init status --long; tail /var/log/cloud-init-output.log',
        },
      ];
    }
    case 'failed':
      return [
        {
          title: 'The master failed',
          words:
            'Its boot ended with an error, so the workers stop waiting. Look at its console, correct its context, revoke this PIN and start again with a new one. If its boot did not fail, somebody else knows the PIN: revoke it too.',
          tone: 'bad',
        },
      ];
    case 'ready':
      return onWorkers(cluster, since(cluster.ready_time), reach);
    case 'ended':
      return [];
  }
}

function onWorkers(cluster: Cluster, waited: number, reach: string): Advice[] {
  const { expected, joined, ready, failed } = cluster.workers;
  if (failed > 0) {
    return [
      {
        title: `${counted(failed, 'worker')} failed`,
        words:
          'The list of members has the reason that each one gave. The others are not affected.',
        tone: 'bad',
      },
    ];
  }
  if (isComplete(cluster)) {
    return [
      {
        title: 'The cluster is complete',
        words: `All ${expected ?? ready} expected workers are ready. You may close this page.`,
        tone: 'good',
      },
    ];
  }
  const silent = silentWorkers(cluster);
  if (joined === 0 && silent === 0) {
    const isLate = waited >= USUAL_BOOT_MS;
    return [
      {
        title: isLate ? `No worker for ${roughText(waited)}` : 'The master is ready',
        words: `Workers may be started up to the end of the PIN.${isLate ? ' If one does not come, this must answer on it:' : ''}`,
        tone: isLate ? 'warn' : 'good',
        ...(isLate && { command: reach }),
      },
    ];
  }
  if (expected === null || joined === 0) return [];
  const missing = Math.max(0, expected - joined);
  if (waited < USUAL_SETUP_MS) return [];
  return [
    {
      title: `${counted(expected - ready, 'worker')} of ${expected} not ready after ${roughText(waited)}`,
      words:
        missing > 0
          ? `${counted(missing, 'worker')} never came: are the machines up? On one of them, this must answer:`
          : 'All came, and some still prepare themselves: the list of members says which.',
      tone: 'warn',
      ...(missing > 0 && { command: reach }),
    },
  ];
}

function onExpiry({ expiration_time }: Cluster, now: number): Advice[] {
  const rest = Date.parse(expiration_time) - now;
  if (rest <= 0 || rest > SHORT_REST_MS) return [];
  return [
    {
      title: `The PIN expires in ${roughText(rest)}`,
      words: 'Machines that are started later need a new PIN. Those that have paired stay paired.',
      tone: 'warn',
    },
  ];
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
