import { signal } from '@preact/signals';

/** The path of the page that is shown. */
export const path = signal(location.pathname);

const PAGES = /^\/(new|pin|clusters\/[\w-]+(\/(contexts|start))?)?$/;

/** Shows another page. */
export function navigate(to: string): void {
  history.pushState(null, '', to);
  path.value = to;
  scrollTo(0, 0);
}

/** Shows another page in place of this one. */
export function showInstead(to: string): void {
  history.replaceState(null, '', to);
  path.value = to;
}

/** Lets links between the pages change the page without a reload. */
export function followLinks(): void {
  addEventListener('popstate', () => (path.value = location.pathname));
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest('a');
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (!link || !isPlain || event.defaultPrevented || link.target || link.download) return;
    const { origin, pathname, hash } = new URL(link.href);
    if (origin !== location.origin || hash !== '' || !PAGES.test(pathname)) return;
    event.preventDefault();
    navigate(pathname);
  });
}
