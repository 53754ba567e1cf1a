import { secrets } from './secrets.js';

/** One sample as Prometheus reads it. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The metrics of a service at one moment. */
export class Scrape {
  private constructor(
    /** As it was served. */
    readonly text: string,
    readonly samples: readonly Sample[],
  ) {}

  static async of(metricsUrl: string): Promise<Scrape> {
    return Scrape.parse(await (await fetch(metricsUrl)).text());
  }

  static parse(text: string): Scrape {
    secrets.output('the metrics', () => text);
    return new Scrape(text, text.split('\n').filter(isSample).map(parse));
  }

  /** The sum of all samples of this name that have these labels; undefined when there are none. */
  value(name: string, labels: Record<string, string> = {}): number | undefined {
    const wanted = Object.entries(labels);
    const found = this.samples.filter(
      (sample) =>
        sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value),
    );
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  }
}

const isSample = (line: string) => line !== '' && !line.startsWith('#');

function parse(line: string): Sample {
  const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const pairs = [...labels.matchAll(/(\w+)="(.*?)"/g)].map(([, key, text]) => [key, text]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}
