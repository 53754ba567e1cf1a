import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';
import { readSecret } from './kubernetes-protobuf.js';

type Json = Record<string, unknown>;

/** The supported resources with their kinds, by group and version. */
const RESOURCES: Record<string, Record<string, string>> = {
  v1: {
    secrets: 'Secret',
    services: 'Service',
    serviceaccounts: 'ServiceAccount',
    configmaps: 'ConfigMap',
    pods: 'Pod',
  },
  'apps/v1': { deployments: 'Deployment', statefulsets: 'StatefulSet' },
  'autoscaling/v2': { horizontalpodautoscalers: 'HorizontalPodAutoscaler' },
  'apiregistration.k8s.io/v1': {},
};

/**
 * The part of the Kubernetes API that Helm needs to install and upgrade a release: it stores objects and runs
 * nothing. Neither npm nor Debian has a real one.
 */
export class KubernetesApi {
  private readonly objects = new Map<string, Json>();

  private constructor(
    private readonly server: Server,
    private readonly dir: string,
  ) {}

  static async start(): Promise<KubernetesApi> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const dir = await mkdtemp(join(tmpdir(), 'pairing-kubernetes-'));
    const api = new KubernetesApi(server, dir);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      api.answer(request, response).catch((error: Error) => {
        response.writeHead(500).end(error.message);
      });
    });
    const { port } = server.address() as AddressInfo;
    await writeFile(
      api.kubeconfig,
      JSON.stringify({
        'current-context': 'test',
        clusters: [{ name: 'test', cluster: { server: `http://127.0.0.1:${port}` } }],
        contexts: [{ name: 'test', context: { cluster: 'test', namespace: 'pairing' } }],
      }),
    );
    return api;
  }

  /** The file for `--kubeconfig`. */
  get kubeconfig(): string {
    return join(this.dir, 'kubeconfig');
  }

  /** The object of this name, if there is one. */
  find(resource: string, name: string): Json | undefined {
    return [...this.objects].find(([path]) => path.endsWith(`/${resource}/${name}`))?.[1];
  }

  /** Changes an object behind Helm's back, as a controller or a person does. */
  edit(resource: string, name: string, change: (object: Json) => void): void {
    const object = this.find(resource, name);
    if (!object) throw new Error(`There is no ${resource} ${name}.`);
    change(object);
  }

  /** Removes an object behind Helm's back. */
  remove(resource: string, name: string): void {
    for (const path of this.objects.keys()) {
      if (path.endsWith(`/${resource}/${name}`)) this.objects.delete(path);
    }
  }

  /** The names of all objects of a resource. */
  names(resource: string): string[] {
    const paths = [...this.objects.keys()].map((path) => path.split('/'));
    return paths.filter((path) => path.at(-2) === resource).map((path) => path.at(-1)!);
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await rm(this.dir, { recursive: true });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    const selector = new URLSearchParams(searchParams.get('labelSelector')?.replaceAll(',', '&'));
    const [status, answer] =
      discovery(pathname) ??
      (request.method === 'GET'
        ? this.read(pathname, Object.fromEntries(selector))
        : this.change(request.method!, pathname, await bodyOf(request))) ??
      notFound(pathname);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  }

  private change(method: string, path: string, body: Json): [number, Json] | undefined {
    const old = this.objects.get(path);
    switch (method) {
      case 'POST': {
        const { name } = body['metadata'] as { name: string };
        return [201, this.keep(`${path}/${name}`, body)];
      }
      case 'PUT':
        return [200, this.keep(path, body)];
      case 'PATCH':
        return [200, this.keep(path, merge(old ?? {}, body) as Json)];
      default:
        if (!old) return undefined;
        this.objects.delete(path);
        return [200, old];
    }
  }

  private keep(path: string, object: Json): Json {
    this.objects.set(path, object);
    return object;
  }

  private read(path: string, labels: Record<string, string>): [number, Json] | undefined {
    const object = this.objects.get(path);
    if (object) return [200, object];
    const [kind] = Object.values(RESOURCES).flatMap(
      (kinds) => kinds[path.split('/').at(-1)!] ?? [],
    );
    if (!kind) return undefined;
    const found = [...this.objects].filter(([each]) => each.startsWith(`${path}/`));
    const items = found.map(([, each]) => each).filter((each) => hasLabels(each, labels));
    return [200, { kind: `${kind}List`, apiVersion: 'v1', items }];
  }
}

async function bodyOf(request: IncomingMessage): Promise<Json> {
  const body = await buffer(request);
  const isProtobuf = request.headers['content-type'] === 'application/vnd.kubernetes.protobuf';
  // The body of a DELETE is not needed.
  if (isProtobuf) return request.method === 'DELETE' ? {} : readSecret(body);
  return (parse(body.toString()) ?? {}) as Json;
}

function hasLabels(object: Json, labels: Record<string, string>): boolean {
  const { labels: has = {} } = object['metadata'] as { labels?: Record<string, string> };
  return Object.entries(labels).every(([name, value]) => has[name] === value);
}

function discovery(path: string): [number, Json] | undefined {
  if (path === '/version') return [200, { major: '1', minor: '35', gitVersion: 'v1.35.0' }];
  if (path === '/api') return [200, { kind: 'APIVersions', versions: ['v1'] }];
  if (path === '/apis') {
    const groups = Object.keys(RESOURCES)
      .filter((groupVersion) => groupVersion.includes('/'))
      .map((groupVersion) => {
        const [name, version] = groupVersion.split('/');
        const served = { groupVersion, version };
        return { name, versions: [served], preferredVersion: served };
      });
    return [200, { kind: 'APIGroupList', apiVersion: 'v1', groups }];
  }
  const groupVersion = path.replace(/^\/apis?\//, '');
  const kinds = RESOURCES[groupVersion];
  if (!kinds) return undefined;
  const resources = Object.entries(kinds).map(([name, kind]) => ({
    name,
    kind,
    namespaced: true,
    verbs: ['get', 'list', 'create', 'update', 'patch', 'delete'],
  }));
  return [200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources }];
}

function notFound(path: string): [number, Json] {
  const message = `${path} not found`;
  return [404, { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404, message }];
}

/** Applies a patch to an object. Lists are replaced, not merged. */
function merge(old: unknown, patch: unknown): unknown {
  if (!isObject(old) || !isObject(patch)) return patch;
  const merged: Json = { ...old };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(old[key], value);
  }
  return merged;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
