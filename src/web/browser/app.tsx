import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { account, signInPath } from './state/account.ts';
import { followIssuances } from './state/issuances.ts';
import { page } from './state/page.ts';
import { keepPin, pinOf } from './state/pins.ts';
import { followLinks, path, showInstead } from './state/router.ts';
import { Toasts } from './parts/toasts.tsx';
import { ClusterPages } from './views/cluster.tsx';
import { Clusters } from './views/clusters.tsx';
import { New } from './views/new.tsx';
import { PinPage } from './views/pin.tsx';

/** The content of the page. What the service has rendered stays where it is all that there is to show. */
function App({ rendered }: { rendered: Node[] }) {
  const isSignedIn = page.user !== null && page.lacks === null;
  const [, first, id, part] = path.value.split('/');
  useEffect(() => {
    for (const link of document.querySelectorAll('.bar nav a')) {
      if (link.getAttribute('href') === path.value) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  }, [path.value]);
  useFocusOnChange();
  const view = () => {
    if (first === 'pin') return <PinPage />;
    if (!isSignedIn) return <Rendered nodes={rendered} />;
    if (first === 'new') return <New />;
    if (first === 'clusters') return <ClusterPages key={id} id={id!} part={part} />;
    return <Clusters />;
  };
  return (
    <>
      <AccountNote />
      {view()}
      <Toasts />
    </>
  );
}

/** Moves the focus to the heading of the page that a link led to, so that a screen reader reads it. */
function useFocusOnChange(): void {
  useEffect(() => {
    if (path.value === opened) return;
    opened = '';
    document.querySelector<HTMLElement>('#view h1')?.focus({ preventScroll: true });
  }, [path.value]);
}
let opened = path.value;

function Rendered({ nodes }: { nodes: Node[] }) {
  return <div class="stack" ref={(element) => element?.replaceChildren(...nodes)} />;
}

/** Says that the session has ended or the role was lost. */
function AccountNote() {
  if (account.value === 'ended') {
    return (
      <p class="note tone-warn" role="alert">
        Your session has ended. <a href={signInPath()}>Sign in again</a> and come back to this page:
        the PINs and the context of this tab stay.
      </p>
    );
  }
  if (account.value === 'role-lost') {
    return (
      <p class="note tone-bad" role="alert">
        Your account no longer has the role that this needs. Ask the operator of this service, and
        reload this page once you have it.
      </p>
    );
  }
  return null;
}

const view = document.getElementById('view')!;
const rendered = [...view.firstElementChild!.childNodes];
if (page.user !== null && page.lacks === null) followIssuances();
if (page.issued) {
  keepPin(page.issued);
  const issuance = page.issuances?.issuances.find(pinOf);
  if (issuance) showInstead(`/clusters/${issuance.id}/contexts`);
}
followLinks();
view.replaceChildren();
render(<App rendered={rendered} />, view);
