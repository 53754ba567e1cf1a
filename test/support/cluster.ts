import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { Client, Outcome } from './client.js';

/** Long enough for a thousand machines on one small computer; images in the field pause 25 s. */
const PAUSE_MS = 500;
/** The same as in the field. */
export const TRIES = 50;

/** A machine at boot, which asks a random replica until it gets an expected answer. */
export class Machine {
  constructor(
    private readonly replicas: readonly Client[],
    private readonly outcomes: Outcome[],
  ) {}

  async request(
    expected: number | readonly number[],
    method: string,
    path: string,
    json?: object,
  ): Promise<string> {
    for (let tries = 0; tries < TRIES; tries++) {
      const replica = this.replicas[Math.floor(Math.random() * this.replicas.length)]!;
      const outcome = await replica.request(method, path, json);
      this.outcomes.push(outcome);
      if ([expected].flat().includes(outcome.status!)) return outcome.body;
      await delay(PAUSE_MS);
    }
    throw new Error(`Gave up: ${method} ${path}`);
  }
}

/**
 * Forms a cluster of some workers and one master, which boots when `due` resolves. Returns what the workers
 * received.
 */
export async function formCluster(
  newMachine: () => Machine,
  pin: string,
  address: string,
  workers: number,
  due: Promise<unknown>,
): Promise<string[]> {
  const keys = `/api/v1/clusters/${pin}/keys`;
  const [received] = await Promise.all([
    Promise.all(Array.from({ length: workers }, () => work(newMachine(), keys))),
    due.then(() => lead(newMachine(), keys, address)),
  ]);
  return received;
}

/**
 * Forms a cluster for each PIN, and fails unless all its workers receive the address of its own master. `due` says when
 * the master of each boots.
 */
export function formClusters(
  newMachine: () => Machine,
  pins: readonly string[],
  workers: number,
  due: (number: number) => Promise<unknown>,
): Promise<void>[] {
  return pins.map(async (pin, number) => {
    const address = `10.1.0.${number}`;
    const received = await formCluster(newMachine, pin, address, workers, due(number));
    expect(received).toEqual(Array.from({ length: workers }, () => `master_ip: ${address}`));
  });
}

async function lead(machine: Machine, keys: string, address: string): Promise<void> {
  await machine.request(201, 'POST', keys, { key: 'master_ip', value: address });
  await machine.request(201, 'POST', keys, { key: 'master_ready', value: 'true' });
}

async function work(machine: Machine, keys: string): Promise<string> {
  await machine.request(200, 'GET', `${keys}/master_ready`);
  return machine.request(200, 'GET', `${keys}/master_ip`);
}
