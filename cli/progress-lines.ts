import type { Progress } from './progress.ts';
import { plain } from './output.ts';
import { timeOfDay } from './times.ts';

/** A line for each change since `before`; at first, lines with the current state. */
export function linesFor(before: Progress | undefined, now: Progress): string[] {
  const nowTime = new Date().toISOString();
  const lines: string[] = [];
  const add = (time: string, text: string) => lines.push(`${timeOfDay(time)}  ${text}`);

  const { master_registered_time: registered, master_ready_time: ready } = now;
  const isMaster =
    registered !== before?.master_registered_time || now.master_address !== before.master_address;
  if (registered !== null && isMaster) add(registered, `master registered${addressOf(now)}`);
  if (ready !== null && ready !== before?.master_ready_time) add(ready, 'master ready');
  if (now.failed_time !== null && now.failed_time !== before?.failed_time) {
    add(now.failed_time, `master failed${now.failure === null ? '' : `: ${plain(now.failure)}`}`);
  }
  addWorkers(before, now, (text) => add(nowTime, text));
  if (now.second_masters > (before?.second_masters ?? 0)) {
    add(nowTime, 'a second master was refused: check which of the two machines is yours');
  }
  if (now.master_changes > (before?.master_changes ?? 0)) {
    add(nowTime, 'the master was changed or removed: if it was not you, revoke the PIN');
  }
  if (now.completed_time !== null && now.completed_time !== before?.completed_time) {
    add(now.completed_time, `complete: ${now.workers.expected} workers are ready`);
  }
  if (now.state === 'ended') add(nowTime, `the cluster has ended: ${now.end_reason}`);
  if (!before && lines.length === 0) add(nowTime, 'waiting for the master');
  return lines;
}

/** A line on members, or on the fetches of a cluster whose workers do not join. */
function addWorkers(before: Progress | undefined, now: Progress, add: (text: string) => void) {
  const { joined, ready, failed } = now.workers;
  if (joined === 0) {
    if (now.fetches !== (before?.fetches ?? 0)) {
      add(`${workers(now.fetches)} fetched the master's address`);
    }
    return;
  }
  const was = before?.workers;
  if (joined === was?.joined && ready === was.ready && failed === was.failed) return;
  add(`${workers(joined)} joined, ${ready} ready${failed === 0 ? '' : `, ${failed} failed`}`);
}

function addressOf({ master_address: address }: Progress): string {
  return address === null ? '' : `: ${plain(address)}`;
}

export function workers(count: number): string {
  return count === 1 ? '1 worker has' : `${count} workers have`;
}
