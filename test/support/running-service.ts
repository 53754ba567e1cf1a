import { type Answer, type Api, apiOf } from './api.js';

/** The part that is common to a service in its own process and one in the test's process. */
export abstract class RunningService {
  readonly api: Api;

  constructor(readonly url: string) {
    this.api = apiOf(url);
  }

  /** Its log so far. */
  abstract get output(): string;

  abstract issuePin(): Promise<string>;

  /** Posts a key, as a virtual machine does. */
  addKey(pin: string, key: string, value = '10.0.0.1'): Promise<Answer> {
    return this.api(`/clusters/${pin}/keys`, { method: 'POST', json: { key, value } });
  }

  /** Joins the cluster as a worker, or says how far it is. */
  putMember(
    pin: string,
    name: string,
    member: { address: string; state: string },
  ): Promise<Answer> {
    return this.api(`/clusters/${pin}/members/${name}`, { method: 'PUT', json: member });
  }

  /** The text that a virtual machine gets for a key: empty when the key is missing. */
  async keyText(pin: string, key: string): Promise<string> {
    const headers = { prefer: 'wait=0' };
    return (await this.api(`/clusters/${pin}/keys/${key}`, { headers })).text;
  }
}
