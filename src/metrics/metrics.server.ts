import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { collectDefaultMetrics } from 'prom-client';
import { listenOn } from '../config/listen-on.js';
import { Settings } from '../config/settings.js';
import { PrometheusMetrics } from './prometheus-metrics.js';

/** Gauges of prom-client that are named like counters. `nodejs_active_resources` has the same information. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** An answer on this port. */
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Serves `/metrics` on `METRICS_PORT`, if it is set, until the process ends. It is never the public port. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly server = createServer((request, response) => {
    this.answer(request, response).catch(() => response.destroy());
  });

  private readonly pages = new Map<string, () => Promise<Answer>>();

  constructor(
    private readonly settings: Settings,
    private readonly metrics: PrometheusMetrics,
  ) {
    this.serve('/metrics', async () => {
      const { contentType } = metrics.registry;
      return { status: 200, type: contentType, body: await metrics.text() };
    });
  }

  /** Fails with a `StartError` if it cannot listen on the port. */
  async onApplicationBootstrap(): Promise<void> {
    const { metricsPort } = this.settings;
    if (metricsPort === undefined) return;
    collectDefaultMetrics({ register: this.metrics.registry });
    for (const name of MISNAMED) this.metrics.registry.removeSingleMetric(name);
    await listenOn(this.settings, 'METRICS_PORT', metricsPort, (host) =>
      once(this.server.listen(metricsPort, host), 'listening'),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /** Serves another page on this port, for operators and not for clients. */
  serve(path: string, answer: () => Promise<Answer>): void {
    this.pages.set(path, answer);
  }

  private async answer({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = this.pages.get(url ?? '');
    if (!page || (method !== 'GET' && method !== 'HEAD')) {
      response.writeHead(404).end();
      return;
    }
    const { status, type, body } = await page();
    response.writeHead(status, { 'content-type': type }).end(body);
  }
}
