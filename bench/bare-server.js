// What the service is measured against: node:http and node-redis, with nothing of the service in between.
// node bench/bare-server.js <port> [redis URL]
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { createClient } from '@redis/client';

const [port, redisUrl] = process.argv.slice(2);
const redis = redisUrl === undefined ? undefined : createClient({ url: redisUrl, RESP: 3 });
await redis?.connect();

/** Requests that wait for POST /release. @type {import('node:http').ServerResponse[]} */
let held = [];

const server = createServer((request, response) => {
  const [, api, version, clusters, pin, keys, key] = (request.url ?? '').split('/');
  if (request.method === 'POST' && api === 'release') {
    for (const each of held) answer(each, 200, 'master_ready: true');
    held = [];
    answer(response, 204);
  } else if (api === 'held') {
    held.push(response);
  } else if (request.method === 'POST' && keys === 'keys') {
    add(request, response, pin).catch(() => response.destroy());
  } else if (version === 'v1' && clusters === 'clusters' && keys === 'keys') {
    poll(response, pin, key).catch(() => response.destroy());
  } else {
    answer(response, 204);
  }
});
server.keepAliveTimeout = 120_000;
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 16_384 });

/** The two answers of a poll: the same command to Redis, the same headers that a client relies on. */
async function poll(response, pin, key) {
  const [expires, value] = await redis.hmGet(`cluster:${pin}`, ['expires', `key:${key}`]);
  if (Number(expires) > Date.now() && value) answer(response, 200, `${key}: ${value}`);
  else answer(response, 404);
}

/** Adds a key with one command to Redis. */
async function add(request, response, pin) {
  const { key, value } = await json(request);
  await redis.hSetNX(`cluster:${pin}`, `key:${key}`, value);
  answer(response, 201, JSON.stringify({ key, value }));
}

function answer(response, status, text) {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': text === undefined ? 0 : Buffer.byteLength(text),
  });
  response.end(text);
}
