import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { median } from '../dev/load/statistics.ts';
import type { Figure } from './measures.ts';

const JSON_FILE = 'bench/results.json';
const RESULTS_FILE = 'bench/RESULTS.md';
const README_FILE = 'README.md';
const BEGIN = '<!-- script/bench writes from here -->\n\n';
const END = '\n\n<!-- to here -->';

/** The results of one complete run. */
interface Results {
  readonly date: string;
  readonly machine: string;
  readonly figures: readonly Figure[];
}

/** Whether a figure meets its target; undefined when it has none. */
export function meetsTarget(figure: Figure): boolean | undefined {
  const { target } = figure;
  if (!target) return undefined;
  const reached = median(target.of === 'ratio' ? ratios(figure) : figure.service);
  return reached >= (target.least ?? -Infinity) && reached <= (target.most ?? Infinity);
}

/** The table of all figures: the median of each, and in brackets the minimum and the maximum. */
export function table(figures: readonly Figure[]): string {
  const head = ['', 'service', 'compared', 'with', 'ratio', 'target'];
  const rows = figures.map((figure) => [
    figure.what,
    spread(figure.service, figure.unit),
    figure.other ? spread(figure.other, figure.unit) : '',
    figure.comparedWith ?? '',
    figure.other ? spread(ratios(figure), '') : '',
    targetOf(figure),
  ]);
  return markdown([head, ...rows]);
}

/** The few figures that README.md shows: medians only. */
function headlines(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, unit, service, other, comparedWith }) => [
    what,
    withUnit(median(service), unit),
    other ? `${withUnit(median(other), unit)} (${comparedWith})` : '',
  ]);
  return markdown([['', 'service', 'compared with'], ...rows]);
}

/** The machine of the run. */
export function machine(): string {
  const [{ model } = { model: 'unknown' }, ...others] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${others.length + 1} × ${model}, ${memory} GiB, Node ${process.versions.node}`;
}

/** Keeps the figures of a complete run, and writes them into the documents. */
export async function save(figures: readonly Figure[]): Promise<void> {
  const results: Results = { date: new Date().toISOString(), machine: machine(), figures };
  await writeFile(JSON_FILE, `${JSON.stringify(results, undefined, 2)}\n`);
  await writeDocuments();
}

/** Writes the documents from the last complete run. */
export async function writeDocuments(): Promise<void> {
  for (const [file, text] of await documents()) await writeFile(file, text);
}

/** The documents that are not as the last complete run makes them. */
export async function outdatedDocuments(): Promise<string[]> {
  const outdated: string[] = [];
  for (const [file, text] of await documents()) {
    if ((await readFile(file, 'utf8')) !== text) outdated.push(file);
  }
  return outdated;
}

async function documents(): Promise<[string, string][]> {
  const { date, machine, figures } = JSON.parse(await readFile(JSON_FILE, 'utf8')) as Results;
  const shown = figures.filter(({ headline }) => headline);
  const measured = `Measured on ${machine}, on ${date.slice(0, 10)}.`;
  return [
    [RESULTS_FILE, await between(RESULTS_FILE, `${table(figures)}\n\n${measured}`)],
    [README_FILE, await between(README_FILE, headlines(shown))],
  ];
}

/** A file with the text between its two marks replaced. */
async function between(file: string, text: string): Promise<string> {
  const whole = await readFile(file, 'utf8');
  const [begin, end] = [whole.indexOf(BEGIN), whole.indexOf(END)];
  if (begin < 0 || end < 0) throw new Error(`${file} has no place for the table.`);
  return whole.slice(0, begin + BEGIN.length) + text + whole.slice(end);
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function ratios({ service, other = [] }: Figure): number[] {
  return service.map((figure, round) => figure / other[round]!);
}

function spread(numbers: readonly number[], unit: string): string {
  const range = `(${rounded(Math.min(...numbers))}–${rounded(Math.max(...numbers))})`;
  return `${withUnit(median(numbers), unit)} ${range}`;
}

function withUnit(number: number, unit: string): string {
  return `${rounded(number)} ${unit}`.trim();
}

/** Three significant digits: more would be noise. */
function rounded(number: number): string {
  return Math.abs(number) >= 100 ? number.toFixed(0) : String(Number(number.toPrecision(3)));
}

function targetOf(figure: Figure): string {
  const { target, unit } = figure;
  if (!target) return '';
  const bound = target.least === undefined ? `≤ ${target.most}` : `≥ ${target.least}`;
  const text = target.of === 'ratio' ? `ratio ${bound}` : `${bound} ${unit}`.trim();
  return meetsTarget(figure) ? text : `${text} ✗`;
}
