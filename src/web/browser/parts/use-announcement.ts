import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Cluster, statusOf } from '../state/cluster.ts';
import { announcement } from '../state/toasts.ts';

/** Lets screen readers say each new state of a cluster, and nothing that changes more often. */
export function useAnnouncement(name: string, cluster: Cluster | undefined): void {
  const words = cluster && statusOf(cluster).words;
  const last = useSignal(words);
  useEffect(() => {
    if (words !== undefined && last.value !== undefined && words !== last.value) {
      announcement.value = `${name}: ${words}`;
    }
    last.value = words;
  }, [words]);
}
