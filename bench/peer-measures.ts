import { repeat } from '../dev/load/statistics.ts';
import { addKey, keyPath } from '../dev/pairing-api.ts';
import type { Figure } from './measures.ts';
import { putNatsKey, readNatsKey } from './nats.ts';
import type { Stage } from './stage.ts';
import { poll, readEtcd } from './wrk.ts';

const ROUNDS = 5;
const [KEY, VALUE] = ['master_ip', '10.0.0.1'];

/** A poll beside a read of the same value from etcd and from NATS, if they are installed. */
export async function peers(stage: Stage): Promise<Figure[]> {
  const [etcd, nats] = [await stage.etcd(), await stage.nats()];
  if (!etcd && !nats) return [];
  if (etcd) {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    await fetch(`${etcd.url}/v3/kv/put`, {
      method: 'POST',
      body: JSON.stringify({ key: base64(KEY), value: base64(VALUE) }),
    });
  }
  if (nats) await putNatsKey(nats, KEY, VALUE);
  const service = await stage.service({ REDIS_URL: await stage.redis() });
  const pin = await service.issuePin();
  await addKey(service.url, pin, KEY, VALUE);
  const rounds = await repeat(ROUNDS, async () => ({
    service: await poll(service, [keyPath(pin, KEY)], 'hit'),
    etcd: etcd && (await readEtcd(etcd, KEY)),
    nats: nats && (await readNatsKey(nats, KEY, VALUE)),
  }));
  for (const server of [service, etcd, nats]) await server?.stop();

  const what = 'polls beside a peer';
  const cpu = (comparedWith: string, other: readonly number[]): Figure => ({
    what: `${what}, CPU`,
    unit: 'µs',
    service: rounds.map((round) => round.service.cpuUs),
    other,
    comparedWith,
    target: { of: 'ratio', most: 1 },
  });
  const ofEtcd = rounds.flatMap((round) => round.etcd ?? []);
  const ofNats = rounds.flatMap((round) => round.nats ?? []);
  const figures: Figure[] = [];
  if (etcd) {
    const comparedWith = 'etcd, HTTP gateway';
    const perSecond: Figure = {
      what,
      unit: '/s',
      service: rounds.map((round) => round.service.perSecond),
      other: ofEtcd.map((load) => load.perSecond),
      comparedWith,
    };
    const ofCpu = ofEtcd.map((load) => load.cpuUs);
    figures.push(perSecond, cpu(comparedWith, ofCpu));
  }
  if (nats) figures.push(cpu('NATS KV, its own protocol', ofNats));
  return figures;
}
