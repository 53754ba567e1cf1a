import { readFile } from 'node:fs/promises';

/** `USER_HZ` of Linux on all its usual architectures. */
const TICKS_PER_SECOND = 100;

/**
 * The CPU time that a process has used, all its threads together, in seconds. Unlike the time on the clock it hardly
 * depends on what else the machine does.
 */
export async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from the third field on (proc_pid_stat(5))
  const [user, system] = [fields[11], fields[12]];
  return (Number(user) + Number(system)) / TICKS_PER_SECOND;
}

/** The CPU time that processes use together while something happens, in microseconds. */
export async function cpuWhile(
  pids: readonly number[],
  happen: () => Promise<unknown>,
): Promise<number> {
  const before = await cpuOfAll(pids);
  await happen();
  return (await cpuOfAll(pids)) - before;
}

/** The CPU time that processes have used together, in microseconds. */
export async function cpuOfAll(pids: readonly number[]): Promise<number> {
  const seconds = await Promise.all(pids.map(cpuOf));
  return seconds.reduce((sum, each) => sum + each, 0) * 1e6;
}
