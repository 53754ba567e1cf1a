import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IEnvVar } from 'kubernetes-models/v1/EnvVar';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import { parse, parseAllDocuments } from 'yaml';

export const CHART = 'helm/cluster-pairing';

/** The fields that all kinds of Kubernetes objects have in common. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly namespace?: string;
    readonly annotations?: Record<string, string>;
  };
  readonly data?: Record<string, string>;
  readonly spec?: unknown;
}

/** The majors of Helm that the chart is for. */
export const HELMS = ['3', '4'] as const;
export type HelmMajor = (typeof HELMS)[number];

/** What every cluster has, but no rendering without one. */
const CLUSTER = 'apiregistration.k8s.io/v1';

/** What a cluster with everything has besides Kubernetes itself. */
export const OPENSHIFT = ['route.openshift.io/v1', 'security.openshift.io/v1'];
export const EVERYTHING = [
  ...OPENSHIFT,
  'gateway.networking.k8s.io/v1',
  'monitoring.coreos.com/v1',
  'keda.sh/v1alpha1',
];

interface Result {
  readonly code: number;
  readonly output: string;
  readonly error: string;
}

/** Runs Helm with values on its standard input, for the argument `--values=-`. */
export async function helm(
  args: string[],
  { values = {}, major = '4' }: { values?: object; major?: HelmMajor } = {},
): Promise<Result> {
  // Without garbage collection: it takes little memory, and ends soon.
  const env = { ...process.env, HELM: major, GOGC: 'off' };
  const child = spawn('script/helm', args, { env });
  child.stdin.end(JSON.stringify(values));
  const [output, error, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  return { code, output, error };
}

interface Rendering {
  readonly apis?: readonly string[];
  /** Whether a cluster is asked, or its APIs are only told, as Argo CD does. */
  readonly cluster?: boolean;
  readonly major?: HelmMajor;
}

function template(
  values: object,
  { apis = EVERYTHING, major = '4', cluster = true }: Rendering,
): Promise<Result> {
  const known = [...apis, ...(cluster ? [CLUSTER] : [])].map((api) => `--api-versions=${api}`);
  return helm(['template', 'demo', CHART, '--namespace=pairing', '--values=-', ...known], {
    values,
    major,
  });
}

/** Renders the chart with these values for a cluster with these APIs. */
export async function render(values: object = {}, rendering: Rendering = {}): Promise<Manifests> {
  const { code, output, error } = await template(values, rendering);
  if (code !== 0) throw new Error(error);
  return new Manifests(parseAllDocuments(output).map((document) => document.toJS() as Manifest));
}

/** The error message of the chart for these values. */
export async function refusal(values: object, rendering: Rendering = {}): Promise<string> {
  const { code, error } = await template(values, rendering);
  if (code === 0) throw new Error('These values are not refused.');
  return error;
}

/** The values that the chart is tried with, by name; the example for CERN is one of them. */
export function exampleValues(): [string, object][] {
  const files = readdirSync(`${CHART}/ci`).map((file) => `ci/${file}`);
  return [...files, 'values-cern-paas.yaml'].map((file) => [
    file,
    (parse(readFileSync(`${CHART}/${file}`, 'utf8')) ?? {}) as object,
  ]);
}

/** The objects of one installation. */
export class Manifests {
  constructor(readonly all: readonly Manifest[]) {}

  /** Those of a kind. */
  of(kind: string): Manifest[] {
    return this.all.filter((each) => each.kind === kind);
  }

  /** The only object of a kind whose name ends in `suffix`. */
  one(kind: string, suffix = ''): Manifest {
    const found = this.of(kind).filter(({ metadata }) => metadata.name.endsWith(suffix));
    if (found.length !== 1) throw new Error(`There are ${found.length} ${kind}s *${suffix}.`);
    return found[0]!;
  }

  /** The pods, each with the object that creates it. */
  get pods(): { owner: string; spec: IPodSpec }[] {
    return this.all.flatMap(({ kind, metadata, spec }) => {
      const owner = `${kind} ${metadata.name}`;
      if (kind === 'Pod') return [{ owner, spec: spec as IPodSpec }];
      interface Owner {
        readonly template?: { readonly spec: IPodSpec };
        readonly jobTemplate?: { readonly spec: Owner };
      }
      const { jobTemplate, ...own } = (spec ?? {}) as Owner;
      const { template } = jobTemplate?.spec ?? own;
      return template ? [{ owner, spec: template.spec }] : [];
    });
  }

  /** The pod of the service. */
  get service(): IPodSpec {
    return this.pods.find(({ owner }) => owner.startsWith('Deployment'))!.spec;
  }

  /** The container of the service. */
  get container(): IContainer {
    return this.service.containers[0]!;
  }

  /** The variables of the service, in their order. */
  get env(): Map<string, IEnvVar> {
    return new Map(this.container.env!.map((each) => [each.name, each]));
  }
}

/** A variable that comes from a Secret. */
export const fromSecret = (name: string, secret: string, key: string) => ({
  name,
  valueFrom: { secretKeyRef: { name: secret, key } },
});
