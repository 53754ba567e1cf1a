import { useEffect } from 'preact/hooks';

const NAME = 'CernVM Cluster Pairing';

/** Sets the title of the browser's tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${NAME}`;
  }, [title]);
}
