// paid() of the TypeScript package in Express, Fastify, Hono and fetch handlers (Next's route handlers are those), over the gate of a server,
// and over the component in this process: what is sold, what a failure costs, and when a use is committed.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import axios from 'axios';
import express from 'express';
import l402 from 'l402';
import { root, startHost, startNodeHost } from './lib.mjs';
import { makeWallet, offerOf } from './lib_gates.mjs';
import { listen, paidExpress, paidFastify, paidFetch, paidHono, sdk } from './lib_sdk.mjs';

const require = createRequire(`${root}build/client-tests/`);
const { fastify: makeFastify } = require('fastify');
const { Hono } = require('hono');
let host, component;

before(async () => {
  host = await startHost();
  component = await startNodeHost();
});
after(async () => {
  await host?.stop();
  component?.close();
});

/// How the paid handler responds, by the first part of the path: {status, headers, chunks}. `failures` of `/fails` come first.
class Service {
  served = [];
  failures = 1;
  async answer({ method, path, headers, body }) {
    this.served.push({ method, path, headers, body });
    const kind = path.split('/')[1].split('?')[0];
    if (kind === 'fails' && this.failures-- > 0) return { status: 500, chunks: ['broken'] };
    if (kind === 'throws') throw new Error('the handler fails');
    if (kind === 'missing') return { status: 404, chunks: ['no such report'] };
    if (kind === 'away') return { status: 302, headers: { location: 'https://files.example/signed' }, chunks: [] };
    if (kind === 'slash' && !path.endsWith('/')) return { status: 301, headers: { location: `${path}/` }, chunks: [] };
    if (kind === 'own') return { status: 200, headers: { 'access-control-allow-origin': 'https://page.example', 'cache-control': 'no-store' }, chunks: ['own'] };
    if (kind === 'slow') await sleep(700);
    if (kind === 'stream') return { status: 200, chunks: ['first ', 300, 'second ', 300, 'third'] };
    return { status: 200, chunks: [`report for ${path}${body}`] };
  }
}

/// The chunks as a stream; a number is a delay.
const streamOf = (chunks) => Readable.from((async function* () {
  for (const chunk of chunks) {
    if (typeof chunk === 'number') await sleep(chunk);
    else yield Buffer.from(chunk);
  }
})());

/// Serves a fetch handler over HTTP.
const listenFetch = (handler) => listen(async (incoming, outgoing) => {
  const has_body = !['GET', 'HEAD'].includes(incoming.method);
  const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method, headers: incoming.headers, ...(has_body && { body: Readable.toWeb(incoming), duplex: 'half' }),
  });
  const response = await Promise.resolve(handler(request)).catch(() => new Response('failed', { status: 500 }));
  const lines = {};
  for (const [name, value] of response.headers) (lines[name] ??= []).push(value);
  outgoing.writeHead(response.status, lines);
  if (response.body) await pipeline(Readable.fromWeb(response.body), outgoing).catch(() => {});
  else outgoing.end();
});

const webAnswer = (service) => async (request) => {
  const { pathname, search } = new URL(request.url);
  const { status, headers, chunks } = await service.answer({ method: request.method, path: pathname + search, headers: Object.fromEntries(request.headers), body: await request.text() });
  return new Response(chunks.length > 0 && request.method !== 'HEAD' ? Readable.toWeb(streamOf(chunks)) : null, { status, headers });
};

/// Each framework with a paid handler for everything: { url, close() }.
const frameworks = {
  async Express(options, service) {
    const app = express();
    app.use(paidExpress(options));
    app.use(express.text());
    app.use(async (request, response) => {
      const { status, headers = {}, chunks } = await service.answer({ method: request.method, path: request.originalUrl, headers: request.headers, body: request.body ?? '' });
      if (headers.location) return response.redirect(status, headers.location);
      if (chunks.length === 1) return response.status(status).set(headers).send(chunks[0]);
      response.writeHead(status, { ...headers, 'content-type': 'text/plain' });
      await pipeline(streamOf(chunks), response);
    });
    app.use((error, request, response, next) => (response.headersSent ? next(error) : response.status(500).send('failed')));
    return listen(app);
  },
  async Fastify(options, service) {
    const app = makeFastify();
    app.all('/*', paidFastify(options), async (request, reply) => {
      const { status, headers = {}, chunks } = await service.answer({ method: request.method, path: request.raw.url, headers: request.headers, body: request.body ?? '' });
      reply.code(status).headers(headers);
      return chunks.length > 1 ? reply.send(streamOf(chunks)) : reply.send(chunks[0] ?? '');
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { url: `http://127.0.0.1:${app.server.address().port}`, close: () => { app.server.closeAllConnections(); return app.close(); } };
  },
  async Hono(options, service) {
    const app = new Hono();
    app.use(paidHono(options));
    app.all('/*', (context) => webAnswer(service)(context.req.raw));
    app.onError((error, context) => context.text('failed', 500));
    return listenFetch(app.fetch);
  },
  fetch: (options, service) => listenFetch(paidFetch(options)(webAnswer(service))),
};

/// The gates: the server's, by price; and the component's, by id.
const gates = {
  'the gate of a server': async (more) => {
    const lntpay = new sdk.LNTPay({ apiKey: host.env.LNTPAY_API_KEY, baseUrl: host.url });
    return { options: { price: 21, lntpay, ...more }, api: host.api };
  },
  'the component in this process': async (more) => {
    const made = await component.api('POST', '/v1/gates', { price_sats: 21, match: { method: '*', path: '/*' } });
    const run = (tag) => (val) => component.driver.run({ tag, val });
    return { options: { gate: made.json.id, component: { gate: run('gate'), redeemed: run('redeemed') }, ...more }, api: component.api };
  },
};

for (const [framework, start] of Object.entries(frameworks)) {
  for (const [kind, gateOf] of Object.entries(gates)) {
    test(`${framework} sells over ${kind}`, async (t) => {
      const service = new Service();
      const { options, api } = await gateOf({ onError: () => {} });
      const { url, close } = await start(options, service);
      t.after(close);
      const wallet = makeWallet(api);
      const get = (path, authorization, init = {}) => fetch(url + path, { redirect: 'manual', ...init, headers: { ...init.headers, ...(authorization && { authorization }) } });
      const buy = async (path, init) => wallet.buy(await get(path, undefined, init));

      const unpaid = await get('/reports/7');
      assert.equal(unpaid.status, 402);
      const offers = unpaid.headers.get('www-authenticate');
      assert.ok(offers.startsWith('L402 macaroon=') && offers.includes(', Payment id='), offers);
      assert.deepEqual(['cache-control', 'access-control-allow-origin'].map((name) => unpaid.headers.get(name)), ['no-store', '*']);
      assert.match(unpaid.headers.get('content-type'), /^application\/problem\+json\b/);
      const problem = await unpaid.json();
      assert.deepEqual([problem.code, problem.price_sats, problem.invoice], ['payment_required', 21, offerOf(unpaid).invoice]);
      assert.equal(service.served.length, 0, 'nothing was served');

      const credential = await wallet.buy(unpaid);
      assert.equal((await get('/reports/7', credential.replace(/.{4}$/, '0000'))).status, 401, 'forged');
      assert.equal((await get('/reports/8', credential)).status, 402, 'paid for another path');
      const paid = await get('/reports/7', credential, { headers: { 'lntpay-redemption-id': 'rdm_forged', 'x-own': 'kept' } });
      assert.deepEqual([paid.status, await paid.text()], [200, 'report for /reports/7']);
      assert.match(JSON.parse(Buffer.from(paid.headers.get('payment-receipt'), 'base64url')).reference, /^[0-9a-f]{64}$/);
      assert.deepEqual([paid.headers.get('cache-control'), paid.headers.get('access-control-allow-origin')], ['private', '*']);
      const [{ headers }] = service.served;
      assert.match(headers['lntpay-redemption-id'], /^rdm_[0-9A-Za-z]{10}/);
      assert.deepEqual([headers.authorization, headers['x-own']], [undefined, 'kept']);
      assert.equal((await get('/reports/7', credential)).status, 402, 'one payment, one report');
      assert.equal(service.served.length, 1);

      const failing = await buy('/fails/1');
      assert.equal((await get('/fails/1', failing)).status, 500);
      assert.equal((await get('/fails/1', failing)).status, 200, 'a failure costs nothing');
      assert.equal((await get('/fails/1', failing)).status, 402);
      for (const [path, status] of [['/throws', 500], ['/missing', 404]]) {
        const kept = await buy(path);
        for (const _ of [1, 2]) assert.equal((await get(path, kept)).status, status, `${path} costs nothing`);
      }
      const away = await buy('/away');
      assert.equal((await get('/away', away)).headers.get('location'), 'https://files.example/signed');
      assert.equal((await get('/away', away)).status, 402, 'a redirect elsewhere delivers');
      const slash = await buy('/slash/1');
      assert.equal((await get('/slash/1', slash)).headers.get('location'), '/slash/1/');
      assert.equal((await get('/slash/1/', slash)).status, 200, 'a redirect to the same path does not');
      const head = await buy('/reports/9');
      assert.equal((await get('/reports/9', head, { method: 'HEAD' })).status, 200);
      assert.equal((await get('/reports/9', head)).status, 200, 'HEAD costs nothing');

      const post = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: ' and its body' };
      assert.equal(await (await get('/reports/10', await buy('/reports/10', post), post)).text(), 'report for /reports/10 and its body');
      const own = await get('/own', await buy('/own'));
      assert.deepEqual([own.headers.get('access-control-allow-origin'), own.headers.get('cache-control')], ['https://page.example', 'no-store']);

      const streamed = await buy('/stream');
      const response = await get('/stream', streamed);
      const reader = response.body.getReader();
      assert.equal(Buffer.from((await reader.read()).value).toString(), 'first ');
      assert.equal((await get('/stream', streamed)).status, 402, 'committed before the first byte');
      let rest = '';
      for (let piece; !(piece = await reader.read()).done; ) rest += Buffer.from(piece.value);
      assert.equal(rest, 'second third');

      const slow = await buy('/slow/1');
      const both = await Promise.all([get('/slow/1', slow), sleep(250).then(() => get('/slow/1', slow))]);
      assert.deepEqual(both.map(({ status }) => status), [200, 409], 'one of two presentations at once');
      assert.ok(Number(both[1].headers.get('retry-after')) > 0);

      const count = service.served.length;
      const preflight = await get('/reports/7', undefined, { method: 'OPTIONS', headers: { origin: 'https://page.example', 'access-control-request-method': 'GET' } });
      assert.ok(preflight.status < 300, `${preflight.status}`);
      assert.equal(preflight.headers.get('www-authenticate'), null);
      if (kind === 'the gate of a server') assert.equal(service.served.length, count + 1, 'the service answers a preflight');
      assert.equal((await get('/reports/7', undefined, { headers: { connection: 'keep-alive' } })).status, 402);
    });
  }

  test(`${framework}: a handler that is late costs nothing`, async (t) => {
    const service = new Service();
    const { options, api } = await gates['the gate of a server']({ answerMs: 200, onError: () => {} });
    const { url, close } = await start(options, service);
    t.after(close);
    const authorization = await makeWallet(api).buy(await fetch(`${url}/slow/late`));
    for (const _ of [1, 2]) assert.equal((await fetch(`${url}/slow/late`, { headers: { authorization } })).status, 504);
    assert.equal(service.served.length, 2);
    await sleep(700);  // the handlers end
  });

  test(`${framework}: what cannot be recorded is not delivered, and nothing is free while LNTPay is away`, async (t) => {
    const service = new Service();
    let allowed = true;
    const gateway = async (input, init) => {
      if (!allowed || String(input).includes('/commit')) throw new TypeError('the network is down');
      return fetch(input, init);
    };
    const lntpay = new sdk.LNTPay({ apiKey: host.env.LNTPAY_API_KEY, baseUrl: host.url, fetch: gateway, backoffMs: 1 });
    const errors = [];
    const { url, close } = await start({ price: 22, lntpay, onError: (error) => errors.push(error) }, service);
    t.after(close);
    const authorization = await makeWallet(host.api).buy(await fetch(`${url}/reports/1`));
    const unrecorded = await fetch(`${url}/reports/1`, { headers: { authorization } });
    assert.deepEqual([unrecorded.status, unrecorded.headers.get('retry-after'), unrecorded.headers.get('payment-receipt')], [503, '2', null]);
    assert.doesNotMatch(await unrecorded.text(), /report for/);
    assert.equal(service.served.length, 1);
    allowed = false;
    assert.equal((await fetch(`${url}/reports/1`, { headers: { authorization } })).status, 503);
    assert.equal((await fetch(`${url}/reports/2`)).status, 503);
    assert.equal(service.served.length, 1, 'nothing is served while the gate cannot be asked');
    assert.ok(errors.length > 0);
  });
}

test('a price is one gate for all services that name it; other terms are another', async (t) => {
  const before = (await host.api('GET', '/v1/gates?limit=100')).json.data.length;
  const lntpay = new sdk.LNTPay({ apiKey: host.env.LNTPAY_API_KEY, baseUrl: host.url });
  for (const terms of [{ price: 33 }, { price: 33 }, { price: 33, mode: 'pass', uses: 2 }]) {
    const { url, close } = await frameworks.fetch({ ...terms, lntpay }, new Service());
    t.after(close);
    const answers = await Promise.all([1, 2, 3].map((i) => fetch(`${url}/r/${i}`)));
    assert.deepEqual(answers.map(({ status }) => status), [402, 402, 402]);
  }
  assert.equal((await host.api('GET', '/v1/gates?limit=100')).json.data.length, before + 2);
});

test('a use is released for 20 redirects into its gate, and no more', async (t) => {
  const { options, api } = await gates['the gate of a server']();
  const { url, close } = await frameworks.fetch(options, new Service());
  t.after(close);
  const authorization = await makeWallet(api).buy(await fetch(`${url}/slash/many`));
  const statuses = [];
  for (let i = 0; i < 22; i += 1) statuses.push((await fetch(`${url}/slash/many`, { redirect: 'manual', headers: { authorization } })).status);
  assert.deepEqual(statuses, [...Array(21).fill(301), 402]);
});

test('a Fastify handler that writes to the raw response is held back too', async (t) => {
  const { options, api } = await gates['the gate of a server']();
  const app = makeFastify();
  app.get('/raw', paidFastify(options), (request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, 'Fine', ['content-type', 'text/plain', 'x-own', '1']);
    reply.raw.write('raw ');
    reply.raw.end('report');
  });
  t.after(() => app.close());
  const unpaid = await app.inject('/raw');
  assert.equal(unpaid.statusCode, 402);
  assert.equal(unpaid.headers['www-authenticate'].length, 2);
  const [line] = unpaid.headers['www-authenticate'];
  const authorization = await makeWallet(api).buy(new Response(null, { status: 402, headers: { 'www-authenticate': line } }));
  const paid = await app.inject({ url: '/raw', headers: { authorization } });
  assert.deepEqual([paid.statusCode, paid.body, paid.headers['x-own']], [200, 'raw report', '1']);
  assert.ok(paid.headers['payment-receipt']);
  assert.equal((await app.inject({ url: '/raw', headers: { authorization } })).statusCode, 402, 'committed');
});

test('a price that is none is refused when the service starts', () => {
  for (const price of [0, -1, 1.5, '21', undefined]) assert.throws(() => paidFetch({ price }), TypeError);
});

test('a metered handler names its price', async (t) => {
  const lntpay = new sdk.LNTPay({ apiKey: host.env.LNTPAY_API_KEY, baseUrl: host.url });
  const service = { answer: async ({ headers }) => ({ status: 200, headers: { 'lntpay-price': '5000' }, chunks: [`at most ${headers['lntpay-max-price']}`] }) };
  const { url, close } = await frameworks.fetch({ price: 21, mode: 'metered', max_price_msat: 8_000, lntpay }, service);
  t.after(close);
  const authorization = await makeWallet(host.api).buy(await fetch(`${url}/m`));
  const credits = [];
  for (let i = 0; i < 2; i += 1) {
    const answer = await fetch(`${url}/m`, { headers: { authorization } });
    assert.equal(await answer.text(), 'at most 8000');
    credits.push([answer.headers.get('lntpay-price'), answer.headers.get('lntpay-credit')]);
  }
  assert.deepEqual(credits, [['5000', '16000'], ['5000', '11000']]);
});

test('npm l402 pays at an Express service', async (t) => {
  const { options, api } = await gates['the gate of a server']();
  const { url, close } = await frameworks.Express(options, new Service());
  t.after(close);
  const wallet = makeWallet(api);
  class SandboxWallet extends l402.Wallet {
    payInvoice = async (invoice) => new l402.PaymentResult(await wallet.pay(invoice), true);
  }
  const client = axios.create({ validateStatus: (status) => status === 200 });
  l402.setupL402Interceptor(client, new SandboxWallet(), new l402.MemoryTokenStore());
  assert.equal((await client.get(`${url}/reports/npm`)).data, 'report for /reports/npm');
  assert.equal(wallet.payments, 1);
});
