import { until } from './process.js';
import { secrets } from './secrets.js';

export interface Event {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** A stream of server-sent events as far as it has come. */
export class Watch {
  text = '';
  ended = false;

  private constructor(
    readonly response: Response,
    private readonly client: AbortController,
  ) {}

  /** Opens the stream at a path below `/api/v1`. */
  static async open(serviceUrl: string, path: string, headers = {}): Promise<Watch> {
    const client = new AbortController();
    secrets.request(path, headers);
    const url = `${serviceUrl}/api/v1${path}`;
    const watch = new Watch(await fetch(url, { headers, signal: client.signal }), client);
    void watch.read().catch(() => undefined);
    return watch;
  }

  get events(): Event[] {
    return [...this.text.matchAll(/event: (.*)\ndata: (.*)\n\n/g)].map(([, event, data]) => ({
      event: event!,
      data: JSON.parse(data!) as Event['data'],
    }));
  }

  get names(): string[] {
    return this.events.map(({ event }) => event);
  }

  async sees(name: string, times = 1): Promise<Event> {
    const seen = () => this.events.filter(({ event }) => event === name);
    await until(`the event ${name}`, () => seen().length >= times);
    return seen()[times - 1]!;
  }

  close(): void {
    this.client.abort();
  }

  private async read(): Promise<void> {
    for await (const chunk of this.response.body!) this.text += Buffer.from(chunk).toString();
    this.ended = true;
  }
}
