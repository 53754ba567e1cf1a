import type { IssuanceInfo } from '../issuances/issuance.dto.js';
import { escapeHtml as escape } from './html.js';
import type { PageData } from './page-data.js';

/** The content of the pages for browsers without scripts. */

const welcome = (mark: string) => `<section class="hero wide">
<div>
<h1>Let your cluster find itself</h1>
<p class="lead">A one-time PIN lets the workers of a CernVM cluster find their master at boot.</p>
<p class="row"><a class="button primary large" href="/sign-in">Sign in with CERN SSO</a>
<a class="button large" href="/pin">I have a PIN</a></p>
</div>
<img src="${mark}" alt="" width="208" height="208">
</section>
<ol class="how">
<li><h2>Get a PIN</h2><p>Good for one cluster and one day.</p></li>
<li><h2>Put it into both contexts</h2><p>The page does it for you, and nothing leaves your browser.</p></li>
<li><h2>Start the machines</h2><p>In any order. Watch here how the cluster forms.</p></li>
</ol>
`;

/** The first page: what the service is for, or the clusters of the user. */
export function firstView(data: PageData, mark: string): string {
  if (data.user === null) return welcome(mark) + commandLine(data);
  if (data.lacks) return needsRole(data.lacks);
  return `${data.issued ? pin(data.issued) : ''}<div class="head"><h1>My clusters</h1></div>
${createForm}${list(data)}${commandLine(data)}`;
}

/** The page on which a PIN is issued. */
export function newView(data: PageData): string {
  if (data.user === null) return signInFor('make a cluster', '/new');
  return data.lacks ? needsRole(data.lacks) : `<h1>New cluster</h1>${createForm}`;
}

/** The page of one cluster, and of what its owner does with the PIN. */
export function clusterView({ user, issuance, lacks }: PageData, path: string): string {
  if (user === null) return signInFor('see this cluster', path);
  if (lacks) return needsRole(lacks);
  if (!issuance) return noCluster;
  const { id, hint, description } = issuance;
  const revoke = `<form method="post" action="/clusters/${id}/revoke"><button class="danger">Revoke</button></form>`;
  return `<h1>${escape(description ?? `Cluster ${hint}…`)}</h1>
<dl class="facts">${facts(issuance)}</dl>
${issuance.state === 'ended' ? '' : revoke}`;
}

/** The page on which a cluster is watched by its PIN. */
export const pinView = `<h1>I have a PIN</h1>
<p>Watching a cluster needs JavaScript in this browser. With the command line: <code>cernvm-pairing watch</code></p>
`;

const noCluster = `<h1>There is no such cluster</h1>
<p>It may belong to somebody else, or its record is no longer kept. <a href="/">My clusters</a></p>
`;

function signInFor(purpose: string, path: string): string {
  return `<section class="hero">
<h1>Sign in to ${purpose}</h1>
<p class="row"><a class="button primary large" href="/sign-in?to=${encodeURIComponent(path)}">Sign in with CERN SSO</a>
<a class="button large" href="/pin">I have a PIN</a></p>
</section>
`;
}

function needsRole({ role, help }: NonNullable<PageData['lacks']>): string {
  return `<section class="hero">
<h1>You need a role</h1>
<p>Your account lacks the role <strong>${escape(role)}</strong>, which is needed to issue PINs.</p>
<p>${escape(help)}</p>
<p>Once you have it, open this page again: it counts within five minutes.</p>
</section>
`;
}

const createForm = `<form class="card narrow" method="post" action="/">
<p class="field"><label for="description">What is it for? <small>(optional)</small></label>
<input id="description" name="description" maxlength="200" autocomplete="off"></p>
<p class="field"><label for="workers">How many workers? <small>(optional)</small></label>
<input id="workers" name="workers" type="number" min="1" max="5000"></p>
<p class="field"><label for="ttl">How long is the PIN good? <small>(such as 90m or 12h; optional)</small></label>
<input id="ttl" name="ttl" pattern="\\d{1,5}[mh]?" autocomplete="off"></p>
<button class="primary">Get a PIN</button>
</form>
`;

function pin(issued: NonNullable<PageData['issued']>): string {
  const until = new Date(issued.expiration_time).toUTCString();
  return `<section class="card">
<h2>The PIN</h2>
<p class="pin"><output id="pin">${issued.pin}</output></p>
<p>It is shown only once. It is good for one cluster, until ${until}.</p>
</section>
`;
}

function list({ issuances }: PageData): string {
  if (!issuances) return '';
  const rows = issuances.issuances.map(({ id, hint, description, state, expiration_time }) => {
    const until = new Date(expiration_time).toUTCString();
    return `<tr><td><a href="/clusters/${id}">${escape(description ?? `Cluster ${hint}…`)}</a></td><td><code>${hint}…</code></td><td>${state.replaceAll('_', ' ')}</td><td>${until}</td></tr>\n`;
  });
  if (rows.length === 0) return '<p>None yet.</p>';
  return `<div class="scroll" tabindex="0" role="region" aria-label="Table of clusters"><table>
<thead><tr><th>Cluster</th><th>PIN</th><th>State</th><th>Until</th></tr></thead>
<tbody>${rows.join('')}</tbody>
</table></div>
`;
}

function facts(issuance: IssuanceInfo): string {
  const time = (text: string | null) => (text === null ? '–' : new Date(text).toUTCString());
  const all: [string, string][] = [
    ['PIN', `${issuance.hint}…`],
    ['Owner', issuance.owner],
    ['State', (issuance.outcome ?? issuance.state).replaceAll('_', ' ')],
    ['Issued', time(issuance.creation_time)],
    ['Master registered', time(issuance.master_time)],
    ['Master ready', time(issuance.ready_time)],
    ['First worker', time(issuance.first_fetch_time)],
    [
      issuance.end_time === null ? 'Expires' : 'Ended',
      time(issuance.end_time ?? issuance.expiration_time),
    ],
    ['Fetches of the address', String(issuance.fetches)],
    ['Second masters', String(issuance.second_masters)],
    ['Changes of the master', String(issuance.master_changes)],
  ];
  return all
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${escape(value)}</dd></div>`)
    .join('');
}

function commandLine({ service, commandLine: { version, sha256 } }: PageData): string {
  const url = escape(service);
  return `<section class="shell">
<h2>From a shell</h2>
<p>The same from a terminal or a script, with Node 20 or newer and nothing else:</p>
<pre tabindex="0"><code>curl -O ${url}/cernvm-pairing &amp;&amp; chmod +x cernvm-pairing
./cernvm-pairing login --service ${url}</code></pre>
<p class="small">Version ${escape(version)}, SHA-256 <code>${sha256}</code></p>
</section>
`;
}
