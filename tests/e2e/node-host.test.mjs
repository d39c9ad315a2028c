// The component in Node, through the driver of host-adapters/js.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeBolt11 } from '../../examples/pay-per-request/bolt11.mjs';
import { freePort } from '../../host-adapters/js/programs.mjs';
import { verifyHexSignature, verifyStandardWebhook } from '../../examples/pay-per-request/signatures.mjs';
import { configOf, newSecrets } from '../../host-adapters/js/config.mjs';
import { Driver } from '../../host-adapters/js/driver.mjs';
import { makeFetch } from '../../host-adapters/js/fetching.mjs';
import { MemoryStore } from '../../host-adapters/js/memory-store.mjs';
import { assertError, root, startNodeHost, until } from './lib.mjs';

const hosts = [];
async function start(options) {
  const host = await startNodeHost(options);
  hosts.push(host);
  return host;
}
after(() => hosts.forEach((host) => host.close()));

async function charge(host, body = { amount_sats: 21, description: 'one request' }) {
  const made = await host.api('POST', '/v1/charges', body);
  assert.equal(made.status, 201, made.text);
  return made.json;
}
const pay = (host, { id }) => host.api('POST', `/v1/sandbox/charges/${id}/pay`, {});
const balance = async (host) => (await host.api('GET', '/v1/balance')).json.available_msat;

test('the paid request: key, charge, payment, webhook, credit, ledger', async () => {
  const sent = [];
  const fetch = async (url, { headers, body }) => {
    sent.push({ url: String(url), headers: Object.fromEntries(headers), body });
    return new Response('ok');
  };
  const host = await start({ fetch });
  const key = (await host.api('POST', '/v1/api_keys', { scopes: ['charges:write', 'webhooks:read'] })).json.key;
  const url = 'http://127.0.0.1:9/webhooks/lntpay';
  const endpoint = await host.api('POST', '/v1/webhook_endpoints', { url, event_types: ['charge.paid'] });
  assert.equal(endpoint.status, 201, endpoint.text);
  const made = await host.api('POST', '/v1/charges', { amount_sats: 21 }, { key });
  assert.equal(made.status, 201, made.text);
  assert.equal(decodeBolt11(made.json.bolt11).payment_hash, made.json.payment_hash);

  assert.equal((await pay(host, made.json)).json.status, 'paid');
  const { headers, body, url: to } = await until('the webhook', () => sent[0]);
  assert.equal(to, url);
  verifyStandardWebhook(endpoint.json.secret, headers, Buffer.from(body));
  assert.ok(verifyHexSignature(endpoint.json.secret, headers['x-signature'], Buffer.from(body)));
  assert.equal(JSON.parse(body).data.id, made.json.id);

  assert.equal(await balance(host), 21_000);
  const { data } = (await host.api('GET', '/v1/ledger')).json;
  assert.deepEqual(data.map((entry) => [entry.seq, entry.type, entry.reference]), [[1, 'charge.credit', made.json.id]]);
  assert.equal((await host.api('GET', '/v1/ledger/verify')).json.ok, true);
  await until('the delivery is recorded', async () => {
    const { data: listed } = (await host.api('GET', `/v1/webhook_endpoints/${endpoint.json.id}/deliveries`)).json;
    return listed.length === 1 && listed[0].status === 'succeeded';
  });
  assert.equal(sent.length, 1);
  assert.deepEqual(host.log, []);
});

test('a long poll is resumed by the payment', async () => {
  const host = await start();
  const made = await charge(host);
  const began = Date.now();
  const polls = [1, 2, 3].map(() => host.api('GET', `/v1/charges/${made.id}?wait=20`));
  await until('three waits', () => host.driver.open_waits === 3);
  await pay(host, made);
  for (const poll of await Promise.all(polls)) assert.equal(poll.json.status, 'paid');
  assert.ok(Date.now() - began < 10_000, 'not at the end of the wait');
  assert.equal(host.driver.open_waits, 0);
});

test('a later payment is credited by due work without a request', async () => {
  const host = await start();
  const made = await charge(host);
  const later = await host.api('POST', `/v1/sandbox/charges/${made.id}/pay`, { delay_ms: 300 });
  assert.equal(later.json.status, 'pending');
  await until('the credit', async () => (await balance(host)) === 21_000);
});

test('a failed webhook is retried with the same id', async () => {
  const sent = [];
  const fetch = async (url, { headers }) => {
    sent.push(headers.get('webhook-id'));
    return new Response('', { status: sent.length === 1 ? 500 : 200 });
  };
  const host = await start({ fetch });
  await host.api('POST', '/v1/webhook_endpoints', { url: 'http://127.0.0.1:9/', event_types: ['charge.paid'] });
  await pay(host, await charge(host));
  await until('the second attempt, five seconds later', () => sent.length === 2);
  assert.equal(sent[0], sent[1]);
});

test('a hundred requests at once complete, without a runtime warning', async () => {
  const warnings = [];
  const warned = (warning) => warnings.push(String(warning));
  process.on('warning', warned);
  const host = await start();
  const made = await charge(host);
  const polls = Array.from({ length: 100 }, () => host.api('GET', `/v1/charges/${made.id}?wait=20`));
  await until('a hundred waits', () => host.driver.open_waits === 100);
  await pay(host, made);
  for (const poll of await Promise.all(polls)) assert.equal(poll.json.status, 'paid');
  assert.equal(host.driver.open_sessions, 0);
  await new Promise(setImmediate);
  process.off('warning', warned);
  assert.deepEqual(warnings, []);
});

test('a long session leaves turns to other events, though its store answers at once', async () => {
  const leftAtTheEvent = async (slice_ms) => {
    let left = 50;
    const step = () => (left-- > 0
      ? { tag: 'ask', val: [1n, [{ tag: 'get', val: ['00/a'] }]] }
      : { tag: 'done', val: { response: { status: 200, headers: [], body: '' }, tasks: [], wake: [], log: [] } });
    const engine = { configure() {}, begin: step, resume: step, abandon() {} };
    const driver = new Driver({ makeInstance: async () => ({ engine }), config: {}, store: new MemoryStore(), slice_ms });
    let at_event;
    setTimeout(() => { at_event = left; });
    const { status } = await driver.request({ method: 'GET', target: '/', headers: [], body: '', client: '' });
    assert.equal(status, 200);
    return at_event;
  };
  assert.ok((await leftAtTheEvent(0)) > 0);
  assert.equal(await leftAtTheEvent(60_000), undefined);
});

test('a long poll ends at its timeout', async () => {
  const host = await start();
  const made = await charge(host);
  const began = Date.now();
  const poll = await host.api('GET', `/v1/charges/${made.id}?wait=1`);
  assert.equal(poll.json.status, 'pending');
  assert.ok(Date.now() - began >= 950);
});

test('a client that disconnects leaves no open session', async () => {
  const host = await start();
  const made = await charge(host);
  const client = new AbortController();
  const poll = host.api('GET', `/v1/charges/${made.id}?wait=20`, undefined, { signal: client.signal });
  await until('the wait', () => host.driver.open_waits === 1);
  client.abort();
  await assert.rejects(poll, { name: 'AbortError' });
  assert.equal(host.driver.open_waits, 0);
  await until('the session ended', () => host.driver.open_sessions === 0);
  assert.equal((await pay(host, made)).json.status, 'paid');
});

test('a trap ends its own session; a request without an effect so far begins again', async () => {
  let instances = 0;
  let newest;
  const host = await start({ wrap: (instance) => (++instances, (newest = instance)) });
  const made = await charge(host);
  const poll = host.api('GET', `/v1/charges/${made.id}?wait=20`);
  await until('the wait', () => host.driver.open_waits === 1);

  new Uint8Array(newest.memory().buffer).fill(0xff);
  assertError(await host.api('GET', '/v1/balance'), 500, 'internal_error');
  assert.match(host.log.join(), /engine lost/);

  assert.equal((await pay(host, made)).json.status, 'paid');
  assert.equal((await poll).json.status, 'paid');
  assert.equal(instances, 2);
  assert.equal(await balance(host), 21_000);
});

test('a commit whose outcome is unknown credits once, whether it was written or not', async () => {
  for (const written of [true, false]) {
    let lose = false;
    const store = new MemoryStore();
    const commit = store.commit.bind(store);
    store.commit = (asked) => {
      if (!lose || asked.ops.every(({ val }) => !String(val).includes('/ledger/'))) return commit(asked);
      lose = false;
      if (written) commit(asked);
      throw new Error('the connection was lost');
    };
    const host = await start({ store });
    const made = await charge(host);
    lose = true;
    const paid = await pay(host, made);
    assert.equal(lose, false);
    if (paid.status !== 200) await pay(host, made);
    assert.equal(await balance(host), 21_000, `written: ${written}, ${paid.text}`);
    assert.equal((await host.api('GET', '/v1/ledger/verify')).json.entries, 1);
  }
});

test('a store that is down is 503; nothing is lost when it is back', async () => {
  const store = new MemoryStore();
  const host = await start({ store });
  const made = await charge(host);
  const get = store.get;
  store.get = () => Promise.reject(new Error('no connection'));
  assertError(await host.api('GET', '/v1/balance'), 503, 'storage_unavailable');
  store.get = get;
  assert.equal((await pay(host, made)).json.status, 'paid');
});

test('an invalid request gets the refusal of the shared table', async () => {
  const host = await start();
  assertError(await host.api('POST', '/v1/charges', 'x'.repeat(256 * 1024 + 1)), 413, 'payload_too_large');
  assertError(await host.api('POST', '/v1/charges', new Uint8Array([0x7b, 0xff, 0x7d])), 400, 'invalid_request');
  assertError(await host.api('GET', `/v1/charges?external_id=${'x'.repeat(8 * 1024)}`), 414, 'uri_too_long');
  const with_header = (name, value) => host.api('POST', '/v1/charges', '{}', { headers: { [name]: value } });
  assertError(await with_header('x-long', 'x'.repeat(16 * 1024)), 431, 'headers_too_large');
  assertError(await with_header('content-encoding', 'gzip'), 415, 'unsupported_media_type');
});

test('the store implements versions, checks and order', () => {
  const store = new MemoryStore();
  const put = (key, value, version) => store.commit({ checks: [{ key, version }], ops: [{ tag: 'put', val: [key, value] }] });
  assert.equal(put('a/1', 'one'), 'committed');
  assert.equal(put('a/1', 'again'), 'conflict');
  const [first] = store.get(['a/1']);
  assert.equal(put('a/1', 'two', first.version), 'committed');
  assert.equal(put('a/1', 'late', first.version), 'conflict');
  assert.equal(store.commit({ checks: [], ops: [{ tag: 'delete', val: 'a/1' }, { tag: 'delete', val: 'none' }] }), 'committed');
  put('a/1', 'one');
  assert.ok(store.get(['a/1'])[0].version > first.version, 'a deleted row that comes back has a new version');
  for (const key of ['a/3', 'a/2', 'b/1', 'a0']) put(key, key);
  const keys = (range) => store.scan({ prefix: 'a/', after: '', limit: 10, reverse: false, ...range }).map(({ key }) => key);
  assert.deepEqual(keys(), ['a/1', 'a/2', 'a/3']);
  assert.deepEqual(keys({ reverse: true }), ['a/3', 'a/2', 'a/1']);
  assert.deepEqual(keys({ after: 'a/1', limit: 1 }), ['a/2']);
  assert.deepEqual(keys({ after: 'a/3', reverse: true }), ['a/2', 'a/1']);
  assert.deepEqual(store.get(['none', 'a0']).map((row) => row?.value), [undefined, 'a0']);
});

test('an exchange is answered, broken, not sent or without answer', async (t) => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (pathname === '/moved') return response.writeHead(302, { location: '/' }).end();
    if (pathname === '/lines') return response.write('one\ntwo\nthree\n');
    if (pathname === '/cut') return response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy());
    if (pathname === '/slow') return response.write('head');
    if (pathname === '/gone') return request.socket.destroy();
    if (pathname !== '/silent') response.end(`hello ${request.headers['x-token'] ?? ''}`);
  }).listen(0, '127.0.0.1');
  t.after(() => server.close().closeAllConnections());
  await once(server, 'listening');
  const base = `http://127.0.0.1:${server.address().port}`;
  let failure;
  const allow = () => {};
  const refuse = () => {
    throw Object.assign(new Error(), { payload: 'not there' });
  };
  const resolve = async () => ['127.0.0.1'];
  const exchange = async (path, { upstream = 'webhook', may_connect = allow, ...more } = {}) => {
    const usual = { method: 'GET', headers: [], body: '', timeoutMs: 2_000, lines: 0, once: false, bodyLimit: 1_000 };
    const asked = { ...usual, upstream, target: path, ...more };
    const upstreams = { node: { url: base, headers: { 'x-token': 'secret' } } };
    const perform = makeFetch({ resolve, refusals_every_ms: 0, upstreams });
    const { tag, val } = await perform(asked, may_connect, new AbortController().signal);
    failure = tag === 'broken' ? val[1] : val;
    if (tag === 'answered') return `${tag} ${val.status} ${val.body}`;
    return tag === 'broken' ? `${tag} ${val[0].status} ${val[0].body}` : tag;
  };
  assert.equal(await exchange(`${base}/`), 'answered 200 hello ');
  assert.equal(await exchange('/', { upstream: 'node' }), 'answered 200 hello secret');
  assert.equal(await exchange(`${base}/`, { bodyLimit: 3 }), 'answered 200 hel');
  assert.equal(await exchange(`${base}/moved`), 'answered 302 ');
  assert.equal(await exchange(`${base}/lines`, { lines: 2 }), 'answered 200 one\ntwo\n');
  assert.equal(await exchange(`${base}/cut`), 'broken 200 half');
  assert.equal(await exchange(`${base}/slow`, { timeoutMs: 300 }), 'broken 200 head');
  assert.equal(await exchange(`${base}/silent`, { timeoutMs: 300 }), 'no-answer');
  assert.equal(await exchange(`${base}/gone`), 'no-answer');
  assert.equal(await exchange(`http://127.0.0.1:${await freePort()}/`), 'not-sent');
  assert.equal(await exchange('no url'), 'not-sent');
  assert.equal(await exchange('/', { upstream: 'other' }), 'not-sent');
  // A runtime may repeat the send, so the configuration has send_once false.
  assert.equal(await exchange(`${base}/`, { once: true }), 'answered 200 hello ');
  assert.equal(await exchange(`${base}/`, { may_connect: refuse }), 'not-sent');
  assert.equal(failure, 'not there');

  // The reasons are the server's, as far as the runtime tells.
  const failureOf = async (...args) => (await exchange(...args), failure);
  assert.equal(await failureOf(`${base}/cut`), 'connection closed');
  assert.equal(await failureOf(`${base}/gone`), 'connection closed');
  assert.equal(await failureOf(`${base}/silent`, { timeoutMs: 300 }), 'timed out');
  assert.equal(await failureOf(`${base}/slow`, { timeoutMs: 300 }), 'timed out');
  assert.equal(await failureOf(`http://127.0.0.1:${await freePort()}/`), 'connection refused');
});

test('a private name and a name that is not found are the same to the owner of an endpoint', async () => {
  const addresses = {
    'gone.example': () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND gone.example'), { code: 'ENOTFOUND' })),
    'broken.example': () => Promise.reject(Object.assign(new Error('queryA ESERVFAIL broken.example'), { code: 'ESERVFAIL' })),
    'silent.example': () => sleep(1_000),
    'db.example': async () => ['10.0.0.5'],
    'mixed.example': async () => ['93.184.216.34', 'fd00::1'],
  };
  const perform = makeFetch({ resolve: (host) => addresses[host](), refusals_every_ms: 300 });
  const { engine } = await (await start()).makeInstance();
  engine.configure(JSON.stringify(await configOf({ secrets: newSecrets(), base_url: 'http://localhost', egress: { mode: 'guarded' } })));
  const mayConnect = (url, found) => engine.mayConnect(url, found);
  for (const name of Object.keys(addresses)) {
    const target = `https://${name}:8443/hook`;
    const usual = { method: 'POST', headers: [], body: '{}', timeoutMs: 500, lines: 0, once: false, bodyLimit: 100 };
    const began = performance.now();
    const reply = await perform({ ...usual, upstream: 'webhook', target }, mayConnect, new AbortController().signal);
    assert.deepEqual(reply, { tag: 'not-sent', val: 'name not found, or not a public address' }, name);
    assert.ok(performance.now() - began >= 290, name);
  }
});

test('the demo runs against this host over HTTP', async () => {
  const host = await start();
  const env = { ...process.env, LNTPAY_BASE_URL: `${await host.listen()}/v1`, LNTPAY_API_KEY: host.keys.test };
  const demo = spawn(process.execPath, [`${root}examples/pay-per-request/demo.mjs`], { env });
  let said = '';
  for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (text) => (said += text));
  const [code] = await once(demo, 'close');
  assert.equal(code, 0, said);
});
