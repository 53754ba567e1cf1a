import type { Held } from '../waiting/held-requests.js';
import { ServerSentEvents, type StreamClient } from './server-sent-events.js';

/**
 * The stream of events to one client that watches issuances. A client that reads slowly gets the newest state of each
 * issuance and misses those between, so it does not use more memory than others.
 */
export class IssuanceStream implements Held {
  private readonly events: ServerSentEvents;
  /** Issuances as JSON, by id. */
  private readonly unsent = new Map<string, string>();
  private synced: string | undefined;

  constructor(
    readonly client: StreamClient,
    /** The name of the user, to whose share of the places the stream counts. */
    readonly group: string,
  ) {
    this.events = new ServerSentEvents(client.response);
    client.response.on('drain', () => this.flush());
  }

  get address(): string {
    return this.client.address;
  }

  /** Sends the live issuances as JSON, by id, and after them `synced`. */
  begin(live: Iterable<[id: string, json: string]>, synced: { readonly more: boolean }): void {
    for (const [id, json] of live) this.unsent.set(id, json);
    this.synced = JSON.stringify(synced);
    this.flush();
  }

  send(id: string, json: string): void {
    this.unsent.set(id, json);
    this.flush();
  }

  sendHeartbeat(): void {
    this.events.sendHeartbeat();
  }

  /** The service stops, so the client reconnects to another replica. */
  onDeadline(): void {
    this.end();
  }

  end(): void {
    this.events.end();
  }

  private flush(): void {
    for (const [id, json] of this.unsent) {
      if (this.events.isBehind) return;
      this.unsent.delete(id);
      this.events.send('issuance', json);
    }
    if (this.synced === undefined) return;
    this.events.send('synced', this.synced);
    this.synced = undefined;
  }
}
