import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import type { Figure } from './measures.ts';
import { median } from '../dev/load/statistics.ts';

const README = 'README.md';
const BEGIN = '<!-- script/bench writes from here -->\n\n';
const END = '\n<!-- to here -->';

/** Whether a figure keeps what was promised; undefined when nothing was. */
export function keepsPromise(figure: Figure): boolean | undefined {
  const { target } = figure;
  if (!target) return undefined;
  const reached = median(target.of === 'ratio' ? ratios(figure) : figure.service);
  return reached >= (target.least ?? -Infinity) && reached <= (target.most ?? Infinity);
}

/** The table of all figures: medians, and of each the least and the most that was measured. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.what,
    spread(figure.service, figure.unit),
    figure.other ? spread(figure.other, figure.unit) : '',
    figure.comparedWith ?? '',
    figure.other ? spread(ratios(figure), '') : '',
    promise(figure),
  ]);
  const head = ['', 'service', 'compared', 'with', 'ratio', 'promised'];
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** What it was measured on. */
export function machine(): string {
  const [{ model } = { model: 'unknown' }, ...others] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${others.length + 1} × ${model}, ${memory} GiB, Node ${process.versions.node}`;
}

/** Keeps the figures for machines to read, and the table in the README. */
export async function keep(figures: readonly Figure[]): Promise<void> {
  const measured = { date: new Date().toISOString(), machine: machine(), figures };
  await writeFile('bench/results.json', `${JSON.stringify(measured, undefined, 2)}\n`);
  const readme = await readFile(README, 'utf8');
  const [before, after] = [readme.indexOf(BEGIN) + BEGIN.length, readme.indexOf(END)];
  const text = `${table(figures)}\n\nMeasured on ${machine()}.\n`;
  await writeFile(README, readme.slice(0, before) + text + readme.slice(after));
}

function ratios({ service, other = [] }: Figure): number[] {
  return service.map((figure, round) => figure / other[round]!);
}

function spread(numbers: readonly number[], unit: string): string {
  const shown = [median(numbers), Math.min(...numbers), Math.max(...numbers)].map(rounded);
  return `${shown[0]} ${unit} (${shown[1]}–${shown[2]})`.replace('  ', ' ');
}

/** Three digits: more would only be noise. */
function rounded(number: number): string {
  return Math.abs(number) >= 100 ? number.toFixed(0) : String(Number(number.toPrecision(3)));
}

function promise(figure: Figure): string {
  const { target, unit } = figure;
  if (!target) return '';
  const bound = target.least === undefined ? `≤ ${target.most}` : `≥ ${target.least}`;
  const of = target.of === 'ratio' ? 'ratio ' : '';
  return (
    `${of}${bound} ${target.of === 'ratio' ? '' : unit}`.trim() + (keepsPromise(figure) ? '' : ' ✗')
  );
}
