// For the tests of clients/typescript: the built package, servers that answer wrongly, and a proxy that loses. Not a suite.
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './lib.mjs';

export const package_root = `${root}clients/typescript`;
const built = (path) => import(`${package_root}/dist/esm/${path}.js`);
export const sdk = await built('index');
export const { paid: paidExpress } = await built('gate/express');
export const { paid: paidFastify } = await built('gate/fastify');
export const { paid: paidFetch } = await built('gate/fetch');
export const { paid: paidHono } = await built('gate/hono');

/// An HTTP server on a free port: { url, close() }.
export async function listen(handler) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close().closeAllConnections() };
}

/// A random number from 0 to 1 with each call; the same ones for a seed.
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/// Reads a whole message.
async function bytesOf(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/// The complete response of `target` to a request, whether or not its client still waits.
function forward(target, incoming, body, change) {
  return new Promise((done, failed) => {
    const headers = change({ ...incoming.headers, host: new URL(target).host });
    const asked = httpRequest(target + incoming.url, { method: incoming.method, headers, agent: false }, async (answer) => {
      done({ status: answer.statusCode, headers: answer.rawHeaders, body: await bytesOf(answer) });
    });
    asked.on('error', failed).end(body);
  });
}

const html = '<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>';
function sendHtml(response, status) {
  response.writeHead(status, { 'content-type': 'text/html' }).end(html);
}
function sendAll(response, { status, headers, body }) {
  response.writeHead(status, headers).end(body);
}

/// What the proxy does to a request. Each takes the time `slow_ms`, longer than the client waits, where it delays.
const faults = {
  async dropRequest({ response }) {
    response.destroy();
  },
  async dropResponse({ response, ask }) {
    await ask();
    response.destroy();
  },
  async cutResponse({ response, ask }) {
    const { status, headers, body } = await ask();
    response.writeHead(status, headers);
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
  },
  async delayRequest({ response, ask, slow_ms }) {
    await sleep(slow_ms);
    sendAll(response, await ask());
  },
  async delayResponse({ response, ask, slow_ms }) {
    const answer = await ask();
    await sleep(slow_ms);
    sendAll(response, answer);
  },
  async refuseBefore({ response }) {
    sendHtml(response, 502);
  },
  async refuseAfter({ response, ask }) {
    await ask();
    sendHtml(response, 502);
  },
  async lieAfter({ response, ask }) {
    await ask();
    sendHtml(response, 200);
  },
  async sendTwice({ response, ask }) {
    const [answer] = await Promise.all([ask(), ask()]);
    sendAll(response, answer);
  },
};
export const fault_names = Object.keys(faults);

/// A proxy in front of `target` that does one of the faults to a part of the requests: { url, counts, close() }. `change` may change the
/// headers that it forwards.
export async function startFaultyProxy(target, { seed, rate = 0.5, slow_ms = 400, change = (headers) => headers }) {
  const random = randomOf(seed);
  const counts = Object.fromEntries(['none', ...fault_names].map((name) => [name, 0]));
  const proxy = await listen(async (incoming, response) => {
    const body = await bytesOf(incoming).catch(() => undefined);
    if (body === undefined) return;
    const fault = random() < rate ? fault_names[Math.floor(random() * fault_names.length)] : 'none';
    counts[fault] += 1;
    const ask = () => forward(target, incoming, body, change);
    try {
      if (fault === 'none') sendAll(response, await ask());
      else await faults[fault]({ response, ask, slow_ms });
    } catch {
      response.destroy();
    }
  });
  return { ...proxy, counts };
}

/// Runs `action` for 0 to count - 1, `width` at once.
export async function runAll(count, width, action) {
  let next = 0;
  const worker = async () => {
    while (next < count) await action(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
