// Receivers of webhooks that hang, drip, flood, redirect or keep the connection open.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './lib.mjs';
import { deliveriesOf, startReceiver, startShops, succeededOf } from './lib_webhooks.mjs';

/// Far below the 15 s of an attempt: a delivery that waits for it takes longer.
const prompt_ms = 1_000;
const attempt_ms = 15_000;

let host;
before(async () => (host = await startShops()));
after(() => host?.stop());

/// A TCP server that calls respond(socket) for each complete request: { url, requests(), connections() }.
async function startRawReceiver(t, respond) {
  const sockets = new Set();
  let requests = 0;
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections += 1;
    sockets.add(socket);
    let text = '';
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      const length = head === -1 ? NaN : Number(/content-length: (\d+)/i.exec(text)[1]);
      if (!(text.length >= head + 4 + length)) return;
      text = '';
      requests += 1;
      respond(socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}/`, requests: () => requests, connections: () => connections };
}

test('a 200 counts at once although the connection stays open', async (t) => {
  const shop = await host.shop();
  const receiver = await startRawReceiver(t, (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  const endpoint = await shop.endpoint(receiver.url, 'charge.created');
  for (let count = 1; count <= 3; ++count) {
    await shop.charge();
    await until(`delivery ${count} is recorded`, async () => (await succeededOf(shop, endpoint)).length === count, prompt_ms);
  }
  for (const { attempts, last_attempt } of await deliveriesOf(shop, endpoint)) {
    assert.equal(attempts, 1);
    assert.ok(last_attempt.latency_ms < prompt_ms, `${last_attempt.latency_ms} ms`);
  }
});

/// Writes until the connection is closed.
function pour(socket, bytes) {
  const more = () => {
    while (!socket.destroyed && socket.write(bytes)) {
      // the next one
    }
  };
  socket.on('drain', more);
  more();
}
function drip(socket, bytes) {
  const timer = setInterval(() => socket.write(bytes), 200);
  socket.once('close', () => clearInterval(timer));
}
const reply = (status, ...headers) => [`HTTP/1.1 ${status}`, ...headers, '', ''].join('\r\n');
const sends = (start, more, bytes) => (socket) => {
  socket.write(start);
  more(socket, bytes);
};
const ok_line = 'HTTP/1.1 200 OK\r\n';
const kilobyte = 'x'.repeat(1_024);

/// What each does with a request, and the failure of the attempt that it costs.
const hostile = {
  'never responds': [() => {}, 'no response: timed out'],
  'sends its head byte by byte': [sends(`${ok_line}X: `, drip, 'x'), 'no response: timed out'],
  'sends its body byte by byte': [
    sends(reply('200 OK', 'Content-Length: 1000'), drip, 'x'), 'the response was truncated: timed out'],
  'ends its body early': [
    (socket) => socket.end(`${reply('200 OK', 'Content-Length: 1000')}x`), 'the response was truncated: connection closed'],
  'ends its head early': [(socket) => socket.end(`${ok_line}X: x\r\n`), 'no response: connection closed within the response head'],
  'sends an endless body': [sends(reply('500 Error'), pour, kilobyte), 'the response was not 2xx'],
  'sends an endless head': [sends(ok_line, pour, `X: ${kilobyte}\r\n`), 'no response: response head larger than 64 KiB'],
  'sends an endless header': [sends(`${ok_line}X: `, pour, kilobyte), 'no response: response head larger than 64 KiB'],
  'resets the connection': [(socket) => socket.resetAndDestroy(), 'no response: connection reset'],
  'speaks HTTP/0.9': [(socket) => socket.end('hello'), 'no response: the response is not HTTP/1.x'],
  'floods with interim responses': [
    (socket) => pour(socket, reply('103 Early Hints', 'Link: </x>').repeat(100)), 'no response: response head larger than 64 KiB'],
};
const redirects = ['http', 'https', 'ftp', 'file', 'gopher'];

test('a hostile receiver costs one failed attempt and nothing else', async (t) => {
  const shop = await host.shop();
  const canary = await startReceiver(t);
  const port = new URL(canary.url).port;
  const cases = { ...hostile };
  for (const scheme of redirects) {
    const to = scheme === 'file' ? 'file:///etc/hostname' : `${scheme}://127.0.0.1:${port}/`;
    const redirect = reply('307 Temporary Redirect', `Location: ${to}`, 'Content-Length: 0');
    cases[`redirects to ${scheme}`] = [(socket) => socket.end(redirect), 'redirects are not followed'];
  }
  const good = await startReceiver(t);
  await shop.endpoint(good.url, 'charge.created');
  const attacks = [];
  for (const [name, [respond, failure]] of Object.entries(cases)) {
    const receiver = await startRawReceiver(t, respond);
    attacks.push({ name, failure, receiver, endpoint: await shop.endpoint(receiver.url, 'charge.created') });
  }
  const charge = await shop.charge();
  await until('the good receiver has its webhook', () => good.of(charge).length === 1, prompt_ms);
  await Promise.all(attacks.map(async (attack) => {
    const { name, failure, endpoint } = attack;
    const delivery = await until(`an attempt at a receiver that ${name}`, async () => {
      await sleep(50);
      return (await deliveriesOf(shop, endpoint)).find(({ attempts }) => attempts > 0);
    }, attempt_ms + 5_000);
    await shop('PATCH', `/v1/webhook_endpoints/${endpoint.id}`, { status: 'disabled' });  // before the next attempt
    assert.equal(delivery.status, 'pending', name);
    assert.equal(delivery.attempts, 1, name);
    assert.equal(delivery.last_attempt.failure, failure, name);
    assert.ok(delivery.last_attempt.latency_ms < attempt_ms + 1_000, `${name}: ${delivery.last_attempt.latency_ms} ms`);
    attack.delivery = delivery;
  }));
  for (const { name, receiver, endpoint, delivery } of attacks) {
    assert.equal(receiver.requests(), 1, name);
    assert.equal((await deliveriesOf(shop, endpoint)).length, 1, name);
    const { attempt_log } = await shop('GET', `/v1/webhook_deliveries/${delivery.id}`);
    assert.equal(attempt_log.length, 1, name);
    assert.ok(Buffer.byteLength(attempt_log[0].response_body) <= 2_048, name);
  }
  assert.equal(canary.received.length, 0);
  const next = await shop.charge();
  await until('the good receiver has the next one', () => good.of(next).length === 1, prompt_ms);
  assert.equal(await host.metric('lntpay_instances_lost_total'), 0);
  assert.equal((await host.api('GET', '/readyz')).status, 200);
});

test('a chunked 200 counts at once although the connection stays open', async (t) => {
  const shop = await host.shop();
  const chunked = `${reply('200 OK', 'Transfer-Encoding: chunked')}2\r\nok\r\n0\r\n\r\n`;
  const receiver = await startRawReceiver(t, (socket) => socket.write(chunked));
  const endpoint = await shop.endpoint(receiver.url, 'charge.created');
  await shop.charge();
  await until('the delivery is recorded', async () => (await succeededOf(shop, endpoint)).length === 1, prompt_ms);
});

test('the body of a 200 that never ends is read no further than needed', async (t) => {
  const shop = await host.shop();
  const receiver = await startRawReceiver(t, sends(reply('200 OK'), pour, kilobyte));
  const endpoint = await shop.endpoint(receiver.url, 'charge.created');
  await shop.charge();
  await until('the delivery is recorded', async () => (await succeededOf(shop, endpoint)).length === 1, prompt_ms);
});
