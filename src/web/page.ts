import type { User } from '../auth/user.js';
import { catalogue, type ErrorCode } from '../errors/pairing-error.js';
import { escapeHtml as escape } from './html.js';

/** What the page shows. */
export interface PageModel {
  readonly user: User | undefined;
  /** The user may see everyone's PINs. */
  readonly isAdmin: boolean;
  /** The role that the user needs to issue PINs and does not have, and how to get it. */
  readonly lacks?: { readonly role: string; readonly help: string } | undefined;
  readonly publicUrl: string;
  /** The command line that the page offers for download. */
  readonly commandLine: { readonly version: string; readonly sha256: string };
  /** A PIN that was just issued. It is shown only once. */
  readonly issued?: { readonly pin: string; readonly expiresAt: number };
  /** A sentence that says what went wrong. */
  readonly problem?: string | undefined;
}

/** Errors for which people get other words than scripts. */
const forPeople: Partial<Record<ErrorCode, string>> = {
  'sign-in-required': 'Your session has ended. Sign in again.',
  'role-required':
    'Your account lacks the role that this needs. Ask the operator of this service for it.',
  'bad-request': 'The browser sent something that cannot be understood. Try again.',
  'invalid-body': 'The description must be one line of at most 200 characters.',
  'too-many-requests': 'You have reached the limit of PINs an hour. Try again later.',
  'internal-error':
    'Something went wrong here, and has been logged. Try again. If that does not help, tell the operator of this service.',
};

/** The message for an error code in the page's address. Undefined when there is no such code. */
export function problemOf(code: string | undefined): string | undefined {
  const messages: Partial<Record<string, string>> = { ...catalogue, ...forPeople };
  return code !== undefined && Object.hasOwn(messages, code) ? messages[code] : undefined;
}

/** The whole page as HTML. Without scripts it can issue and show a PIN. */
export function renderPage(model: PageModel): string {
  const { user, isAdmin, lacks, publicUrl, issued, problem } = model;
  const forUser = () => (lacks ? needsRole(lacks) : createForm + cluster(issued) + myPins(isAdmin));
  const main = user ? forUser() : welcome;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>CernVM Cluster Pairing</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body data-service="${escape(publicUrl)}">
<header>
<h1>CernVM Cluster Pairing</h1>
${user ? signedIn(user) : ''}
</header>
<main>
<p id="problem" class="problem" role="alert"${problem ? '' : ' hidden'}>${escape(problem ?? '')}</p>
${main}${commandLine(model)}
</main>
<footer><a href="/api/docs">The API</a></footer>
</body>
</html>
`;
}

const welcome = `<p>A one-time PIN lets the workers of a cluster find their master at boot.</p>
<ol>
<li>Sign in and get a PIN, good for one cluster and one day.</li>
<li>Put it into the contexts of the master and of the workers. The page does it for you.</li>
<li>Start the machines, in any order, and watch the cluster form.</li>
</ol>
<p><a class="button" href="/sign-in">Sign in with CERN SSO</a></p>
`;

function needsRole({ role, help }: NonNullable<PageModel['lacks']>): string {
  return `<section aria-labelledby="role-title">
<h2 id="role-title">You need a role</h2>
<p>Your account lacks the role <strong>${escape(role)}</strong>, which is needed to issue PINs.</p>
<p id="role-help">${escape(help)}</p>
<p>Once you have it, open this page again: it counts within five minutes.</p>
</section>
`;
}

function signedIn({ name }: User): string {
  return `<form method="post" action="/sign-out">
<span class="user">Signed in as <strong title="${escape(name)}">${escape(name)}</strong></span>
<button class="quiet">Sign out</button>
</form>`;
}

const createForm = `<section aria-labelledby="create-title">
<h2 id="create-title">New cluster</h2>
<form id="create" method="post" action="/">
<label for="description">What is it for? <small>(optional)</small></label>
<input id="description" name="description" maxlength="200" autocomplete="off">
<button id="get">Get a PIN</button>
</form>
</section>
`;

function cluster(issued: PageModel['issued']): string {
  const data = issued ? ` data-pin="${issued.pin}"` : ' hidden';
  const until = issued ? `, until ${new Date(issued.expiresAt).toUTCString()}` : '';
  return `<section id="cluster" aria-labelledby="pin-title"${data}>
<div class="card">
<div>
<h2 id="pin-title">The PIN</h2>
<p class="pin"><output id="pin">${issued?.pin ?? ''}</output> <button id="copy" class="quiet" hidden>Copy</button></p>
<p>It is shown only once. <span id="remaining">It is good for one cluster${until}.</span></p>
</div>
<div id="live" hidden>
<h3>How far the cluster is</h3>
<ol id="status" aria-live="polite">
<li id="master">Waiting for the master</li>
<li id="ready">Not ready yet</li>
<li id="workers">No worker has fetched the address</li>
</ol>
<p id="second" class="problem" role="alert" hidden></p>
<p id="changed" class="problem" role="alert" hidden></p>
<p id="connection" role="status"></p>
</div>
</div>
<div id="next" hidden>
<h3>Put it into both contexts</h3>
<p>Paste your context below, drop it there, open it, or start from an example. It stays in this browser.</p>
<p class="row"><label>Example <select id="example"><option value="amiconfig">amiconfig</option><option value="cloud">cloud-config</option><option value="mime">both, as MIME multipart</option></select></label>
<label class="button quiet file">Open a file<input id="file" type="file"></label></p>
<label for="base">Base context</label>
<textarea id="base" rows="12" spellcheck="false"></textarea>
<p id="context-problem" class="problem" role="status"></p>
<ul id="advice" role="status" aria-label="Advice on this context"></ul>
<p class="row"><a id="master-file" class="button" download="master-context.txt" hidden>Download master's context</a>
<a id="worker-file" class="button" download="worker-context.txt" hidden>Download worker's context</a></p>
<p>Start one machine with the master's context, and all others with the worker's.</p>
<h3>Try the PIN</h3>
<p>Where your machines will run, this has to answer with the PIN:</p>
<pre tabindex="0"><code id="self-test"></code></pre>
</div>
</section>
`;
}

function myPins(isAdmin: boolean): string {
  return `<section id="pins-section" aria-labelledby="pins-title" hidden>
<h2 id="pins-title">My PINs</h2>
<p${isAdmin ? '' : ' hidden'}><label><input id="everyone" type="checkbox"> Show everyone's</label></p>
<p id="no-pins">None yet.</p>
<div id="table" class="scroll" tabindex="0" role="region" aria-label="Table of PINs">
<table>
<thead><tr><th>PIN</th><th>Owner</th><th>For</th><th>State</th><th>Action</th></tr></thead>
<tbody id="pins"></tbody>
</table>
</div>
<button id="more" class="quiet" hidden>Older ones</button>
</section>
`;
}

function commandLine({ publicUrl, commandLine: { version, sha256 } }: PageModel): string {
  const url = escape(publicUrl);
  return `<section aria-labelledby="command-line-title">
<h2 id="command-line-title">From a shell</h2>
<p>The same from a terminal or a script, with Node 20 or newer and nothing else:</p>
<pre tabindex="0"><code>curl -O ${url}/cernvm-pairing &amp;&amp; chmod +x cernvm-pairing
./cernvm-pairing login --service ${url}</code></pre>
<p class="small">Version ${escape(version)}, SHA-256 <code id="command-line-sha256">${sha256}</code></p>
</section>
`;
}
