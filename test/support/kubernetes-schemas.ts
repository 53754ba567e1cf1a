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
 * Checks objects against the schemas of their kinds. The schemas check the type of each field, but accept unknown
 * fields, as Kubernetes does; TypeScript rejects them.
 */
export async function problemsOf(manifests: readonly Manifest[]): Promise<string[]> {
  const [invalid, unknown] = await Promise.all([
    invalidFields(manifests),
    unknownFields(manifests),
  ]);
  return [...invalid, ...unknown];
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

async function unknownFields(manifests: readonly Manifest[]): Promise<string[]> {
  // Inside the project, so that the packages are found.
  const dir = await mkdtemp(join('node_modules', '.manifests-'));
  const lines = manifests.map((manifest) => {
    const type = `import('${modelOf(manifest)}').I${manifest.kind}`;
    return `(${JSON.stringify(manifest)}) satisfies ${type};`;
  });
  try {
    const file = join(dir, 'manifests.ts');
    await writeFile(file, `export {};\n${lines.join('\n')}\n`);
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck'];
    await promisify(execFile)('node_modules/.bin/tsc', ['--ignoreConfig', ...options, file]);
    return [];
  } catch (error) {
    return (error as { stdout: string }).stdout.split('\n').filter(Boolean);
  } finally {
    await rm(dir, { recursive: true });
  }
}
