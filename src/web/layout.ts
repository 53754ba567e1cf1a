import type { Assets } from './assets.js';
import { escapeHtml as escape } from './html.js';
import type { PageData } from './page-data.js';

/** A page as it is sent. Its script replaces `main`, which is for browsers without scripts and for the first moment. */
export interface Page {
  readonly path: string;
  readonly title: string;
  readonly main: string;
  readonly data: PageData;
}

const NAME = 'CernVM Cluster Pairing';

/** The whole page as HTML. */
export function renderLayout({ path, title, main, data }: Page, assets: Assets): string {
  const { user, problem, lacks } = data;
  const isReplaced = user !== null && lacks === null;
  const link = (to: string, words: string) =>
    `<a href="${to}"${to === path ? ' aria-current="page"' : ''}>${words}</a>`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="description" content="A one-time PIN lets the workers of a cluster find their master at boot.">
<title>${escape(title)} · ${NAME}</title>
<link rel="icon" type="image/svg+xml" href="${assets.mark}">
<link rel="stylesheet" href="${assets.style}">
<script type="module" src="${assets.script}"></script>
</head>
<body data-page="${escape(JSON.stringify(data))}">
<a class="skip" href="#main">Skip to the content</a>
<header class="bar">
<a class="brand" href="/"><img src="${assets.mark}" alt="" width="28" height="28"> <span><span class="wide-only">CernVM </span><b>Cluster Pairing</b></span></a>
<nav aria-label="Pages">
${user === null ? link('/', 'Start') : link('/', 'My clusters')}
${link('/pin', 'I have a PIN')}
<a href="/api/docs">API</a>
</nav>
${user === null ? `<a class="button primary sign-in" href="/sign-in?to=${encodeURIComponent(path)}">Sign in</a>` : signedIn(user)}
</header>
<main id="main" tabindex="-1">
<p class="note bad" id="problem" role="alert"${problem === null ? ' hidden' : ''}>${escape(problem ?? '')}</p>
<div id="view"><div class="stack${isReplaced ? ' fallback' : ''}">${main}</div></div>
</main>
<footer>
<p>${NAME} ${escape(data.commandLine.version)}</p>
<p><a href="/api/docs">API</a> <a href="/cernvm-pairing" download>Command line</a> <a href="${assets.licences}">Licences</a></p>
</footer>
</body>
</html>
`;
}

function signedIn(user: string): string {
  return `<form method="post" action="/sign-out">
<span class="user"><span class="wide-only">Signed in as </span><strong title="${escape(user)}">${escape(user)}</strong></span>
<button>Sign out</button>
</form>`;
}
