import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { Command } from '@commander-js/extra-typings';
import { RefusedError } from '../../client/client.ts';
import { CommandError, exitCodes, usageError } from '../exit-codes.ts';
import { innermostCause, sentenceOf } from '../failures.ts';
import { jsonOption, serviceOption, tokenOption } from '../options.ts';
import { plain, printJson, stdout } from '../output.ts';
import { connect, connectSignedIn, serviceUrlOf } from '../service.ts';
import { fetchServiceInfo, isOlder, updateAdvice, version } from '../service-info.ts';
import { formatDuration, formatTime } from '../times.ts';

/** TLS and tokens tolerate only a small error of the clock. */
const MAX_CLOCK_ERROR_MS = 30_000;
const CONNECT_MS = 10_000;

type Status = 'ok' | 'warning' | 'failed';

interface Finding {
  readonly check: string;
  readonly status: Status;
  readonly detail: string;
}

export function doctorCommand() {
  return new Command('doctor')
    .summary('check that this host can pair')
    .description(
      'Checks the name, the connection, the certificate, the clock, the service, your sign-in and, if one is ' +
        'given, the PIN. Run it where your machines will run. Ends with 1 when a check fails.',
    )
    .argument('[pin]', 'a PIN to look for; else $PAIRING_PIN')
    .option('--ca <file>', 'a CA bundle that must trust the service, such as that of an image')
    .addOption(jsonOption)
    .addOption(serviceOption)
    .addOption(tokenOption)
    .addHelpText(
      'after',
      '\nExample:\n  cernvm-pairing doctor "$PIN" --ca /etc/cernvm/ca-bundle.crt\n',
    )
    .action(async (pin, options) => {
      const url = new URL(await serviceUrlOf(options.service));
      const bundle = options.ca === undefined ? undefined : await readBundle(options.ca);
      const findings: Finding[] = [];
      const add = (check: string, status: Status, detail: string) => {
        findings.push({ check, status, detail });
        if (!options.json) stdout.line(lineOf(findings.at(-1)!));
      };

      await checkName(url, add);
      if (url.protocol === 'https:') await checkTls(url, bundle, add);
      else add('certificate', 'warning', 'plain http: PINs and tokens can be read on the way');
      if (await checkService(url, add)) {
        await checkVersion(url, add);
        await checkSignIn(options, add);
        const known = pin ?? process.env['PAIRING_PIN'];
        if (known) await checkPin(known, options, add);
      }

      if (options.json) printJson(findings);
      const failed = findings.filter(({ status }) => status === 'failed').length;
      if (failed > 0) {
        throw new CommandError(`${failed} of ${findings.length} checks failed.`, exitCodes.failure);
      }
    });
}

type Add = (check: string, status: Status, detail: string) => void;

async function checkName({ hostname }: URL, add: Add): Promise<void> {
  const name = hostname.replace(/^\[|\]$/g, '');
  try {
    const addresses = await lookup(name, { all: true });
    const list = addresses.map(({ address }) => address).join(', ');
    const hasIpv4 = addresses.some(({ family }) => family === 4);
    add('name', 'ok', hasIpv4 ? list : `${list} (no IPv4: machines without IPv6 cannot reach it)`);
  } catch (error) {
    add('name', 'failed', sentenceOf(error as NodeJS.ErrnoException & { code: string }, name));
  }
}

interface Bundle {
  readonly file: string;
  readonly ca: string;
}

async function checkTls(url: URL, bundle: Bundle | undefined, add: Add): Promise<void> {
  const whom = bundle ? `by ${bundle.file}` : 'by this host';
  try {
    const socket = await handshake(url, bundle ? { ca: bundle.ca } : {});
    const { valid_to: until, issuer } = socket.getPeerCertificate();
    const left = Date.parse(until) - Date.now();
    const issuedBy = plain(String(issuer.O ?? issuer.CN ?? 'an unnamed authority'));
    const detail = `trusted ${whom}; issued by ${issuedBy}, good until ${formatTime(new Date(until).toISOString())}`;
    add('certificate', left < 7 * 86_400_000 ? 'warning' : 'ok', detail);
    socket.destroy();
  } catch (error) {
    add(
      'certificate',
      'failed',
      `not trusted ${whom}: ${sentenceOf(innermostCause(error), url.host)}`,
    );
  }
  try {
    // The certificate was checked above. This checks only whether old machines can connect.
    const socket = await handshake(url, { maxVersion: 'TLSv1.2', rejectUnauthorized: false });
    add('TLS 1.2', 'ok', 'accepted, as images of 2017 need');
    socket.destroy();
  } catch {
    add('TLS 1.2', 'failed', 'not accepted: images of 2017 know no newer TLS');
  }
}

async function handshake(url: URL, options: ConnectionOptions): Promise<TLSSocket> {
  const { promise, resolve, reject } = deferred<TLSSocket>();
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isName = !/^[\d.]+$|:/.test(host);
  const socket = connectTls({
    host,
    port: Number(url.port || 443),
    ...(isName && { servername: host }),
    timeout: CONNECT_MS,
    ...options,
  });
  socket.once('secureConnect', () => resolve(socket));
  socket.once('error', reject);
  socket.once('timeout', () => socket.destroy(new Error('timeout')));
  return promise;
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}

/** Checks that the pairing service answers, and the clock by the time in its answer. */
async function checkService(url: URL, add: Add): Promise<boolean> {
  const base = url.href.replace(/\/$/, '');
  const before = Date.now();
  let response: Response;
  try {
    response = await fetch(`${base}/health/ready`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(CONNECT_MS),
    });
  } catch (error) {
    add('service', 'failed', sentenceOf(innermostCause(error), url.host));
    return false;
  }
  const between = (before + Date.now()) / 2;
  const health = (await response.json().catch(() => undefined)) as
    { status?: string; warnings?: string[] } | undefined;
  if (health?.status === undefined) {
    const to = response.headers.get('location');
    const elsewhere = to === null ? '' : ` and leads to ${plain(to)}: use that address`;
    const what = `something else answers (HTTP ${response.status})${elsewhere}`;
    add('service', 'failed', what);
    return false;
  }
  const warnings = health.warnings ?? [];
  if (health.status !== 'up') add('service', 'failed', 'is not ready: it has lost its storage');
  else if (warnings.length > 0) add('service', 'warning', plain(warnings.join(' ')));
  else add('service', 'ok', `ready, in ${Math.round((between - before) * 2)} ms`);
  checkClock(response.headers.get('date'), between, add);
  return true;
}

function checkClock(date: string | null, now: number, add: Add): void {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return add('clock', 'warning', 'the service does not tell the time');
  const error = now - (theirs + 500); // the header is cut to the second
  if (Math.abs(error) <= MAX_CLOCK_ERROR_MS) return add('clock', 'ok', 'as the service has it');
  const side = error > 0 ? 'ahead of' : 'behind';
  add(
    'clock',
    'failed',
    `${formatDuration(Math.abs(error))} ${side} the service: certificates and tokens may not be valid here. Set it by NTP`,
  );
}

async function checkVersion(url: URL, add: Add): Promise<void> {
  const base = url.href.replace(/\/$/, '');
  const info = await fetchServiceInfo(base).catch(() => undefined);
  if (!info) add('version', 'warning', `${version}; the service does not say which it has`);
  else if (isOlder(version, info.version)) add('version', 'warning', updateAdvice(base, info));
  else add('version', 'ok', version);
}

async function checkSignIn(options: Parameters<typeof connectSignedIn>[0], add: Add) {
  try {
    const { client, ask } = await connectSignedIn(options);
    await ask(client.GET('/api/v1/issuances', { params: { query: { limit: 1 } } }));
    add('sign-in', 'ok', 'valid');
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    // Only a warning, because machines need no sign-in.
    add('sign-in', 'warning', error.message);
  }
}

async function checkPin(pin: string, options: Parameters<typeof connect>[0], add: Add) {
  if (!/^[a-z0-9]{12}$/.test(pin)) {
    return add('PIN', 'failed', 'is not a PIN: 12 characters of a-z and 0-9');
  }
  const { client, ask } = await connect(options);
  try {
    const cluster = await ask(client.GET('/api/v1/clusters/{pin}', { params: { path: { pin } } }));
    const left = formatDuration(Date.parse(cluster.expiration_time) - Date.now());
    add('PIN', 'ok', `${cluster.state.replaceAll('_', ' ')}, good for ${left} more`);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const isGone = error.cause instanceof RefusedError && error.cause.status === 404;
    add('PIN', 'failed', isGone ? 'unknown, or its cluster has ended' : error.message);
  }
}

async function readBundle(file: string): Promise<Bundle> {
  const ca = await readFile(file, 'utf8').catch((error: Error) => {
    throw usageError(`--ca: ${error.message}`);
  });
  if (ca.includes('-----BEGIN ')) return { file, ca };
  throw usageError(`--ca: ${file} holds no certificate in PEM form.`);
}

function lineOf({ check, status, detail }: Finding): string {
  const { green, yellow, red } = stdout.colors;
  const mark = { ok: green('ok     '), warning: yellow('warning'), failed: red('failed ') }[status];
  return `${mark}  ${check.padEnd(11)}  ${detail}`;
}
