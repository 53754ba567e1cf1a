// The calls of the API that tests, benchmarks and demonstrations prepare their clusters with.

/** The path of a key of a cluster. */
export function keyPath(pin: string, key: string): string {
  return `/api/v1/clusters/${pin}/keys/${key}`;
}

/** Issues a PIN to the user of this bearer token. Throws when the service refuses. */
export async function issuePin(serviceUrl: string, token: string): Promise<string> {
  const answer = await post(`${serviceUrl}/api/v1/clusters`, undefined, {
    authorization: `Bearer ${token}`,
  });
  return (JSON.parse(answer) as { pin: string }).pin;
}

/** Stores a key of a cluster, as a virtual machine does. Throws when the service refuses. */
export async function addKey(
  serviceUrl: string,
  pin: string,
  key: string,
  value: string,
): Promise<void> {
  await post(`${serviceUrl}/api/v1/clusters/${pin}/keys`, JSON.stringify({ key, value }), {
    'content-type': 'application/json',
  });
}

async function post(
  url: string,
  body: string | undefined,
  headers: Record<string, string>,
): Promise<string> {
  const answer = await fetch(url, { method: 'POST', headers, ...(body !== undefined && { body }) });
  const text = await answer.text();
  // The URL is left out: it may hold a PIN.
  if (answer.status !== 201) throw new Error(`POST answered ${answer.status}: ${text}`);
  return text;
}
