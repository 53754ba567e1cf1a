import { cpuWhile } from '../dev/load/cpu.ts';
import { inLanes } from '../dev/load/lanes.ts';
import { repeat } from '../dev/load/statistics.ts';
import { addKey } from '../dev/pairing-api.ts';
import type { Figure } from './measures.ts';
import type { Server, Stage } from './stage.ts';

const ROUNDS = 3;
const CLUSTERS = 200;
const KEYS = 30;
const AT_ONCE = 64;

/** The CPU time of the server for each issued PIN and each posted key, 64 of them at once. */
export async function writes(stage: Stage): Promise<Figure[]> {
  const redisUrl = await stage.redis();
  const figures: Figure[] = [];
  for (const [storage, env] of [
    ['Redis', { REDIS_URL: redisUrl }],
    ['SQLite', {}],
  ] as const) {
    const service = await stage.service(env);
    const bare = await stage.bare(redisUrl);
    const rounds = await repeat(ROUNDS, async () => {
      const pins: string[] = [];
      const issue = await cpuOfEach(service, CLUSTERS, async () => {
        pins.push(await service.issuePin());
      });
      const post = (server: Server) =>
        cpuOfEach(server, CLUSTERS * KEYS, (n) =>
          addKey(server.url, pins[n % CLUSTERS]!, `key_${Math.floor(n / CLUSTERS)}`, '10.0.0.1'),
        );
      return { issue, post: await post(service), bare: await post(bare) };
    });
    for (const server of [service, bare]) await server.stop();
    figures.push(
      {
        what: `post of a key, on ${storage}, CPU`,
        unit: 'µs',
        service: rounds.map((round) => round.post),
        other: rounds.map((round) => round.bare),
        comparedWith: 'bare node:http and Redis',
        ...(storage === 'Redis' && { target: { of: 'ratio', most: 2 } as const }),
      },
      {
        what: `issue of a PIN, on ${storage}, CPU`,
        unit: 'µs',
        service: rounds.map((round) => round.issue),
      },
    );
  }
  return figures;
}

/** The CPU time of the server for each of so many requests, in microseconds. */
async function cpuOfEach(
  { pid }: Server,
  count: number,
  send: (n: number) => Promise<void>,
): Promise<number> {
  return (await cpuWhile([pid], () => inLanes(count, AT_ONCE, send))) / count;
}
