import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Manifest } from './chart.js';

/** The packages with the schemas of other API groups than those of Kubernetes. */
const PACKAGES: Record<string, string> = {
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
};

/** The module with the model of an object. */
function modelOf({ apiVersion, kind }: Manifest): string {
  const [group = ''] = apiVersion.split('/');
  return `${PACKAGES[group] ?? 'kubernetes-models'}/${apiVersion}/${kind}`;
}

/**
 * Checks sets of objects, each with a name, against the schemas of their kinds; gives the problems of each set. The
 * schemas check the type of each field, but accept unknown fields, as Kubernetes does; TypeScript rejects them.
 */
export async function problemsOf(
  sets: Readonly<Record<string, readonly Manifest[]>>,
): Promise<Map<string, string[]>> {
  const unknown = await unknownFields(Object.values(sets));
  const problems = new Map<string, string[]>();
  for (const [index, [name, manifests]] of Object.entries(sets).entries()) {
    problems.set(name, [...(await invalidFields(manifests)), ...unknown[index]!]);
  }
  return problems;
}

async function invalidFields(manifests: readonly Manifest[]): Promise<string[]> {
  const problems: string[] = [];
  for (const manifest of manifests) {
    const models = (await import(modelOf(manifest))) as Record<string, Model>;
    try {
      new models[manifest.kind]!(manifest).validate();
    } catch (error) {
      problems.push(`${manifest.kind} ${manifest.metadata.name}: ${(error as Error).message}`);
    }
  }
  return problems;
}

type Model = new (manifest: Manifest) => { validate(): void };

/** One run of TypeScript for all sets: reading the types takes most of its time. */
async function unknownFields(sets: readonly (readonly Manifest[])[]): Promise<string[][]> {
  // Inside the project, so that the packages are found.
  const dir = await mkdtemp(join('node_modules', '.manifests-'));
  const files = sets.map((_, index) => join(dir, `${index}.ts`));
  try {
    for (const [index, manifests] of sets.entries()) {
      const lines = manifests.map((manifest) => {
        const type = `import('${modelOf(manifest)}').I${manifest.kind}`;
        return `(${JSON.stringify(manifest)}) satisfies ${type};`;
      });
      await writeFile(files[index]!, `export {};\n${lines.join('\n')}\n`);
    }
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck'];
    const compiled = promisify(execFile)('node_modules/.bin/tsc', [
      '--ignoreConfig',
      ...options,
      ...files,
    ]);
    const problems = await compiled.then(
      () => [],
      ({ stdout }: { stdout: string }) => stdout.split('\n').filter(Boolean),
    );
    const known = files.map((file) => problems.filter((problem) => problem.startsWith(`${file}(`)));
    if (known.flat().length < problems.length) throw new Error(problems.join('\n'));
    return known;
  } finally {
    await rm(dir, { recursive: true });
  }
}
