// Measures the service beside what it is compared with: node bench/run.ts [polls|notice|held|redisCost|start …]
import { type Figure, held, notice, polls, redisCost, start } from './measures.ts';
import { keep, keepsPromise, machine, table } from './report.ts';
import { Stage } from './stage.ts';

const measures = Object.entries({ polls, notice, held, redisCost, start });
const named = measures.filter(([name]) => process.argv.includes(name));
const chosen = named.length > 0 ? named : measures;

const figures: Figure[] = [];
for (const [name, measure] of chosen) {
  console.error(`measuring: ${name}`);
  const stage = await Stage.open(Number(process.env['PORT'] ?? 3950));
  try {
    figures.push(...(await measure(stage)));
  } finally {
    await stage.close();
  }
}
console.log(`${table(figures)}\n\n${machine()}`);
if (chosen === measures) await keep(figures);
process.exitCode = figures.every((figure) => keepsPromise(figure) !== false) ? 0 : 1;
