import { useEffect } from 'preact/hooks';
import { useSignal, type Signal } from '@preact/signals';
import type { Pin } from '../state/pins.ts';
import { type Watch, watchPin } from '../state/watch.ts';

/** Watches a cluster as long as the component is shown. Undefined without a PIN. */
export function useWatch(pin: Pin | undefined): Watch | undefined {
  const watch: Signal<Watch | undefined> = useSignal(undefined);
  useEffect(() => {
    if (pin === undefined) return undefined;
    const begun = watchPin(pin);
    watch.value = begun;
    return () => {
      begun.close();
      watch.value = undefined;
    };
  }, [pin?.pin]);
  return watch.value;
}
