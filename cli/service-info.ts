import { hint, stderr } from './output.ts';

declare const CLI_VERSION: string;

/** The version of this program, put in by the build. */
export const version: string = CLI_VERSION;

/** What a service publishes for its command line, at `/cernvm-pairing.json`. */
export interface ServiceInfo {
  readonly version: string;
  readonly sha256: string;
  readonly issuer: string;
  /** The public OAuth client of the command line; null where none is registered. */
  readonly client_id: string | null;
}

const INFO_MS = 5_000;

/** Reads the information of a service. Undefined for older services, which have none. Fails when it cannot be reached. */
export async function fetchServiceInfo(serviceUrl: string): Promise<ServiceInfo | undefined> {
  const response = await fetch(`${serviceUrl}/cernvm-pairing.json`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(INFO_MS),
  });
  const info = (await response.json().catch(() => undefined)) as Partial<ServiceInfo> | undefined;
  const isInfo = response.ok && typeof info?.version === 'string' && info.issuer !== undefined;
  return isInfo ? (info as ServiceInfo) : undefined;
}

let advice: Promise<string | undefined> | undefined;

/** Checks in the background whether the service has a newer command line. */
export function lookForUpdate(serviceUrl: string): void {
  if (!stderr.isTerminal) return;
  advice = fetchServiceInfo(serviceUrl).then(
    (info) => (info && isOlder(version, info.version) ? updateAdvice(serviceUrl, info) : undefined),
    () => undefined, // the command itself reports what is wrong with the service
  );
}

/** Prints at the end, on a terminal, what {@link lookForUpdate} has found. */
export async function adviseUpdate(): Promise<void> {
  const text = await advice;
  if (text !== undefined) hint(text);
}

export function updateAdvice(serviceUrl: string, { version: newer }: ServiceInfo): string {
  return `The service has version ${newer} of this command; this is ${version}. Update: curl -O ${serviceUrl}/cernvm-pairing`;
}

/** Whether `mine` is the older of two versions such as 1.2.3. */
export function isOlder(mine: string, theirs: string): boolean {
  return mine.localeCompare(theirs, 'en', { numeric: true }) < 0;
}
