// Measures the service beside what it is compared with: node bench/run.ts [polls|peers|notice|arrivals|members|writes|held|redisCost|start …]
// node bench/run.ts report [--check]: writes the documents from the last complete run, or checks them.
import { arrivals, notice } from './arrival-measures.ts';
import { members } from './member-measures.ts';
import { type Figure, held, polls, redisCost, start } from './measures.ts';
import { peers } from './peer-measures.ts';
import { machine, meetsTarget, outdatedDocuments, save, table, writeDocuments } from './report.ts';
import { Stage } from './stage.ts';
import { writes } from './write-measures.ts';

const measures = Object.entries({
  polls,
  peers,
  notice,
  arrivals,
  members,
  writes,
  held,
  redisCost,
  start,
});
const args = process.argv.slice(2);

if (args[0] === 'report') await report(args.includes('--check'));
else await measure(measures.filter(([name]) => args.length === 0 || args.includes(name)));

async function measure(chosen: typeof measures): Promise<void> {
  const figures: Figure[] = [];
  for (const [name, measureOne] of chosen) {
    console.error(`measuring: ${name}`);
    const stage = await Stage.open(Number(process.env['PORT'] ?? 3950));
    try {
      figures.push(...(await measureOne(stage)));
    } finally {
      await stage.close();
    }
  }
  console.log(`${table(figures)}\n\n${machine()}`);
  if (chosen.length === measures.length) await save(figures);
  process.exitCode = figures.every((figure) => meetsTarget(figure) !== false) ? 0 : 1;
}

async function report(check: boolean): Promise<void> {
  if (!check) return writeDocuments();
  const outdated = await outdatedDocuments();
  if (outdated.length === 0) return;
  console.error(`${outdated.join(' and ')} are outdated: run script/bench report`);
  process.exitCode = 1;
}
