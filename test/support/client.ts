import { Client as PlainClient, type Outcome } from '../../dev/load/client.js';
import { secrets } from './secrets.js';

export type { Outcome };

/** The client of `dev/load`, which also records its secrets. */
export class Client extends PlainClient {
  override async request(
    method: string,
    path: string,
    json?: object,
    headers: Record<string, string> = {},
  ): Promise<Outcome> {
    secrets.request(path, headers, JSON.stringify(json));
    const outcome = await super.request(method, path, json, headers);
    secrets.answer(outcome.body);
    return outcome;
  }
}
