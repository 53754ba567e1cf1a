import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatePin } from '../../src/clusters/pin.js';
import { PinResolver } from '../../src/clusters/pin.resolver.js';
import { CleanUp } from '../support/clean-up.js';
import { MovableClock } from '../support/clock.js';
import { InProcessService } from '../support/in-process.js';
import { until } from '../support/process.js';

describe('The keys that are derived from a PIN', () => {
  const cleanUp = new CleanUp();
  let service: InProcessService;
  let pins: PinResolver;

  beforeAll(async () => {
    service = cleanUp.add(await InProcessService.start(new MovableClock(Date.now())));
    pins = service.get(PinResolver);
  });
  afterAll(() => cleanUp.run());

  it.each(['exists', 'does not exist'])('are derived once a second, if it %s', async (which) => {
    const pin = which === 'exists' ? await service.issuePin() : generatePin();
    const first = await pins.resolve(pin);
    expect(await pins.resolve(pin)).toBe(first);
    await until('them to be forgotten', async () => (await pins.resolve(pin)) !== first, 5_000);
    expect((await pins.resolve(pin)).id).toBe(first.id);
  });

  it('are forgotten when its cluster ends', async () => {
    const pin = await service.issuePin();
    const before = await pins.resolve(pin);
    await service.api(`/clusters/${pin}`, { method: 'DELETE' });
    expect(await pins.resolve(pin)).not.toBe(before);
  });
});
