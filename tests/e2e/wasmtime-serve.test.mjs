// host-adapters/wasi-http: two processes of stock `wasmtime serve` on one real etcd.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../host-adapters/js/programs.mjs';
import { makeWorkspace } from '../../host-adapters/js/bootstrap.mjs';
import { assertError, assertRefusals, playQuickstart, root, until } from './lib.mjs';
import { patiently, startServes } from './lib_wasmtime.mjs';

let serves;
before(async () => (serves = await startServes({ count: 2, env: { LNTPAY_CHALLENGES_PER_GATE: '40' } })));
after(() => serves?.stop());

const each = (i) => serves.apis[i % serves.apis.length];
const balance = async () => (await serves.api('GET', '/v1/balance')).json.available_msat / 1_000;
const charge = async (body = { amount_sats: 1 }) => {
  const made = await serves.api('POST', '/v1/charges', body);
  assert.equal(made.status, 201, made.text);
  return made.json;
};
const pay = ({ id }, body = {}, api = serves.api) => api('POST', `/v1/sandbox/charges/${id}/pay`, body);
const credited = async ({ id }) => (await serves.api('GET', `/v1/charges/${id}`)).json.status === 'paid';
const proves = async () => assert.equal((await serves.api('GET', '/v1/ledger/verify')).json.ok, true);

async function receiver(t, answer = (request, response) => response.end()) {
  const got = [];
  const server = createServer((request, response) => {
    got.push(request.headers);
    request.resume().on('end', () => answer(request, response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  const { json } = await serves.api('POST', '/v1/webhook_endpoints', { url: `http://127.0.0.1:${server.address().port}/h`, event_types: ['charge.paid'] });
  t.after(() => serves.api('DELETE', `/v1/webhook_endpoints/${json.id}`));
  return { got, id: json.id, port: server.address().port };
}

test('the quickstart: sixteen steps, webhooks included', () => playQuickstart(serves.hosts[0].url, serves.keys.test));

test('make wasmtime starts etcd, server and timer; its folder keeps rows and key', async (t) => {
  const data = await mkdtemp(join(tmpdir(), 'lntpay-wasmtime-'));
  const stops = [];
  t.after(async () => {
    for (const stop of stops) await stop();
    await rm(data, { recursive: true, force: true });
  });
  const port = await freePort();
  const begin = async () => {
    const child = spawn(process.execPath, [join(root, 'host-adapters/wasi-http/local-wasmtime.mjs'), '--port', port, '--data', data]);
    const ended = once(child, 'close');
    const stop = () => child.kill() && ended;  // SIGTERM also stops its programs
    stops.push(stop);
    process.once('exit', stop);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    await until('it prints its URL and key', () => said.includes('Ctrl-C') || assert.equal(child.exitCode, null, said), 60_000);
    const [, base_url, key] = /LNTPAY_BASE_URL=(\S+) LNTPAY_API_KEY=(\S+)/.exec(said);
    return { base_url, key, stop };
  };
  const first = await begin();
  await playQuickstart(first.base_url.replace('/v1', ''), first.key);
  await first.stop();
  const { base_url, key } = await begin();
  assert.deepEqual([base_url, key], [first.base_url, first.key]);
  const kept = await fetch(`${base_url}/balance`, { headers: { authorization: `Bearer ${key}` } });
  assert.ok((await kept.json()).available_msat > 0);
});

test('refusals are those of every host', async () => {
  await assertRefusals(serves.api);
  assertError(await serves.api('GET', `/v1/charges?x=${'y'.repeat(9_000)}`), 414, 'uri_too_long');
  assertError(await serves.api('GET', '/v1/charges', undefined, { headers: { 'x-long': 'y'.repeat(17_000) } }), 431, 'headers_too_large');
  assertError(await serves.api('POST', '/v1/charges', '{}', { headers: { 'content-encoding': 'gzip' } }), 415, 'unsupported_media_type');
});

test('HEAD has the length of GET and no body', async () => {
  const { url } = serves.hosts[0];
  const [head, get] = [await fetch(`${url}/readyz`, { method: 'HEAD' }), await fetch(`${url}/readyz`)];
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-length'), String((await get.text()).length));
  assert.equal(await head.text(), '');
});

test('a later payment is credited by a tick', async () => {
  const made = await charge();
  assert.equal((await pay(made, { delay_ms: 3_000 })).json.status, 'pending');
  await sleep(3_100);
  const { shards, more } = await serves.tick();
  assert.ok(shards >= 2);
  assert.equal(more, false);
  assert.equal(await credited(made), true);
});

test("a tick takes the operator's token and POST", async () => {
  const { url } = serves.hosts[0];
  const send = (method, token) => fetch(`${url}/internal/tick`, { method, headers: token && { authorization: `Bearer ${token}` } });
  for (const token of [undefined, serves.keys.test, 'lnt_operator_wrong']) {
    const answer = await send('POST', token);
    assert.equal(answer.status, 401);
    assert.equal((await answer.json()).error.code, 'unauthenticated');
  }
  const answer = await send('GET', JSON.parse(serves.secrets).operator_token);
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.get('allow'), 'POST');
});

test('ticks retry a failed webhook; a list restricts webhook hosts', async (t) => {
  let broken = true;
  const { got } = await receiver(t, (request, response) => response.writeHead(broken ? 500 : 200).end());
  await pay(await charge());
  await until('the first try', () => got.length === 1);
  broken = false;
  await until('the second', async () => (await serves.tick(), got.length === 2), 60_000);
  assertError(await serves.api('POST', '/v1/webhook_endpoints', { url: 'https://shop.example/h', event_types: ['charge.paid'] }), 400, 'invalid_request');
});

test("64 silent receivers delay neither other receivers nor a tick's credits", async (t) => {
  const dead = await Promise.all(Array.from({ length: 8 }, () => receiver(t, () => {})));
  const others = await Promise.all(Array.from({ length: 7 }, async (_, i) => {
    const { api_keys: { test: key } } = await makeWorkspace(serves.hosts[0].url, serves.secrets, `dead ${i}`);
    const post = (path, body) => serves.api('POST', path, body, { key });
    const url = `http://127.0.0.1:${dead[0].port}/h`;
    await Promise.all(Array.from({ length: 8 }, () => post('/v1/webhook_endpoints', { url, event_types: ['charge.paid'] })));
    return post;
  }));
  const { got } = await receiver(t);
  const later = await charge();
  await pay(later, { delay_ms: 4_000 });
  await Promise.all(others.map((post) => post('/v1/sandbox/fund', { amount_sats: 1 })));
  const began = Date.now();
  await pay(await charge());
  await until('the one that answers', () => got.length === 1, 5_000);
  assert.ok(Date.now() - began < 5_000);
  await sleep(4_000 - (Date.now() - began));
  const ticks = [serves.tick(), serves.tick()];
  await until('the credit', () => credited(later), 5_000);
  await Promise.all(ticks);
});

test('a missing body is 408; limits count the client named by the last proxy', async () => {
  const { port } = new URL(serves.hosts[0].url);
  const asked = send({ port, path: '/v1/charges', method: 'POST', headers: { 'content-length': 50 } });
  asked.write('{');
  const [answer] = await once(asked, 'response');
  assert.equal(answer.statusCode, 408);
  asked.destroy();

  const proxied = await startServes({ env: { LNTPAY_CLIENT_HEADER: 'X-Forwarded-For', LNTPAY_CHALLENGES_PER_CLIENT: '2' } });
  try {
    const { json: gate } = await proxied.api('POST', '/v1/gates', { price_sats: 5, match: { method: 'GET', path: '/*' } });
    const visit = async (...forwarded) => {
      const headers = { 'x-original-method': 'GET', 'x-original-uri': '/7', 'x-forwarded-for': forwarded };
      const [answer] = await once(send(`${proxied.hosts[0].url}/gate/${gate.id}/challenge`, { headers }).end(), 'response');
      answer.resume();
      return answer.statusCode;
    };
    const statuses = [];
    for (let i = 0; i < 3; ++i) statuses.push(await visit(`198.51.100.${i}`, '203.0.113.7'), await visit(`198.51.100.${i}, 203.0.113.8`));
    assert.deepEqual(statuses, [402, 402, 402, 402, 429, 429]);
  } finally {
    await proxied.stop();
  }
});

test('a rate limit holds for a burst', async () => {
  const limited = await startServes({ env: { LNTPAY_RATE_LIMIT: '20/3600' } });
  try {
    const answers = await Promise.all(Array.from({ length: 120 }, () => limited.api('GET', '/v1/balance')));
    const let_in = answers.filter(({ status }) => status === 200).length;
    assert.ok(let_in >= 15 && let_in <= 25, `${let_in}`);  // one key has three quarters of the workspace's quota
    assert.ok(answers.every(({ status }) => status === 200 || status === 429));
  } finally {
    await limited.stop();
  }
});

test('a payment at one process resumes a long poll at the other', async () => {
  const made = await charge();
  const polls = [0, 1, 0].map((i) => each(i)('GET', `/v1/charges/${made.id}?wait=20`));
  await sleep(300);
  const began = Date.now();
  await pay(made, {}, each(1));
  for (const poll of await Promise.all(polls)) assert.equal(poll.json.status, 'paid');
  assert.ok(Date.now() - began < 10_000);
});

test('64 at once at both processes: each charge and credit once, the ledger verifies', async () => {
  const before = await balance();
  const made = await Promise.all(Array.from({ length: 64 }, (_, i) => patiently(() => each(i)('POST', '/v1/charges', { amount_sats: 1 }))));
  assert.ok(made.every(({ status }) => status === 201), made.map(({ status }) => status).join());
  // Each is paid twice, once at each process.
  const paid = await Promise.all(made.flatMap(({ json }) => [0, 1].map((i) => patiently(() => pay(json, {}, each(i))))));
  assert.ok(paid.every(({ status }) => status === 200 || status === 409), paid.map(({ text }) => text).join('\n'));
  assert.equal(await balance(), before + 64);
  await proves();
});

test('one Idempotency-Key sent 64 times at once makes one charge', async () => {
  const headers = { 'idempotency-key': 'one-of-64' };
  const answers = await Promise.all(Array.from({ length: 64 }, (_, i) => each(i)('POST', '/v1/charges', { amount_sats: 3 }, { headers })));
  assert.ok(answers.every(({ status }) => [201, 409, 503].includes(status)), answers.map(({ text }) => text).join('\n'));
  const ids = new Set(answers.filter(({ status }) => status === 201).map(({ json }) => json.id));
  assert.equal(ids.size, 1);
});

test('64 withdrawals at once with a balance for 10: ten succeed', async () => {
  assert.equal((await serves.api('POST', '/v1/sandbox/reset', {})).status, 200);
  const [amount_sats, max_fee_sats] = [100, 2];
  await serves.api('POST', '/v1/sandbox/fund', { amount_sats: 10 * (amount_sats + max_fee_sats) });
  const invoices = await Promise.all(Array.from({ length: 64 }, (_, i) => patiently(() => each(i)('POST', '/v1/sandbox/invoices', { amount_sats, behavior: 'slow' }))));
  const answers = await Promise.all(invoices.map(({ json }, i) => patiently(() =>
    each(i)('POST', '/v1/withdrawals', { bolt11: json.bolt11, max_fee_sats }, { headers: { 'idempotency-key': `race-${i}` } }))));
  const accepted = answers.filter(({ status }) => status === 202);
  assert.equal(accepted.length, 10, answers.map(({ status }) => status).join());
  assert.ok(answers.every(({ status, json }) => status === 202 || json.error.code === 'insufficient_funds'), answers.map(({ text }) => text).join('\n'));
  await until('all ended', async () => {
    await serves.tick();
    const all = await Promise.all(accepted.map(({ json }) => serves.api('GET', `/v1/withdrawals/${json.id}`)));
    return all.every(({ json }) => json.status === 'succeeded');
  }, 60_000);
  const { json } = await serves.api('GET', '/v1/balance');
  const fee_msat = 1_100;  // of the sandbox's routes
  assert.deepEqual([json.available_msat, json.locked_msat], [10 * (max_fee_sats * 1_000 - fee_msat), 0]);
  await proves();
});

test('of 64 at once with one gate credential, at both processes, one wins', async () => {
  const { json: gate } = await serves.api('POST', '/v1/gates', { price_sats: 5, match: { method: 'GET', path: '/reports/*' } });
  const ask = (i, headers) => fetch(`${serves.hosts[i % 2].url}/gate/${gate.id}/authorize`, {
    headers: { 'x-original-method': 'GET', 'x-original-uri': '/reports/7', ...headers },
  });
  const offer = (await fetch(`${serves.hosts[0].url}/gate/${gate.id}/challenge`, {
    headers: { 'x-original-method': 'GET', 'x-original-uri': '/reports/7' },
  })).headers.get('www-authenticate');
  const [, token] = /token="([^"]+)"/.exec(offer), [, bolt11] = /invoice="([^"]+)"/.exec(offer);
  const { json: { preimage } } = await serves.api('POST', '/v1/sandbox/wallet/pay', { bolt11 });
  const statuses = (await Promise.all(Array.from({ length: 64 }, (_, i) => ask(i, { authorization: `L402 ${token}:${preimage}` })))).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status < 300).length, 1, statuses.join());
});

test('killing either process during writes loses nothing acknowledged', async () => {
  for (const victim of [0, 1]) {
    const survivor = each(1 - victim);
    const made = await Promise.all(Array.from({ length: 40 }, () => charge()));
    const before = await balance();
    const answered = [];
    const paying = made.map(async (one, i) => {
      const paid = await patiently(() => pay(one, {}, each(i))).catch(() => undefined);
      if (paid?.status === 200) answered.push(one);
    });
    await until('some were answered', () => answered.length >= 5);
    await serves.hosts[victim].kill();
    await Promise.all(paying);
    for (const one of answered) assert.equal((await survivor('GET', `/v1/charges/${one.id}`)).json.status, 'paid');
    await serves.hosts[victim].start();
    const paid = (await Promise.all(made.map(credited))).filter(Boolean).length;
    assert.equal(await balance(), before + paid);
    await proves();
  }
});

test("a tick at another process completes a killed process's withdrawal, once", async () => {
  await serves.api('POST', '/v1/sandbox/fund', { amount_sats: 1_000 });
  const { json: invoice } = await serves.api('POST', '/v1/sandbox/invoices', { amount_sats: 100, behavior: 'unknown_then_succeed' });
  const { json: made } = await each(1)('POST', '/v1/withdrawals', { bolt11: invoice.bolt11 }, { headers: { 'idempotency-key': 'killed' } });
  await serves.hosts[1].kill();
  await serves.hosts[1].start();
  await until('success', async () => {
    await serves.tick();
    return (await serves.api('GET', `/v1/withdrawals/${made.id}`)).json.status === 'succeeded';
  }, 60_000);
  const { data } = (await serves.api('GET', '/v1/ledger?limit=100&type=withdrawal.settle')).json;
  assert.equal(data.filter(({ reference }) => reference === made.id).length, 1);
  await proves();
});

test('processes on one etcd count a gate\'s open challenges together', async () => {
  const { json: gate } = await serves.api('POST', '/v1/gates', { price_sats: 1, match: { method: 'GET', path: '/limited' } });
  const statuses = [];
  for (let i = 0; i < 44; i += 1) statuses.push((await patiently(() => each(i)('POST', `/v1/gates/${gate.id}/challenge`, {}))).status);
  assert.deepEqual(statuses, [...Array(40).fill(201), ...Array(4).fill(429)]);
});

test('etcd killed and restarted: 503 meanwhile, also /readyz; nothing is lost', async () => {
  const made = await charge();
  await pay(made);
  const before = await balance();
  const later = await charge();
  await serves.etcd.kill();
  for (const answer of [await pay(later), await serves.api('GET', '/v1/balance')]) assertError(answer, 503, 'storage_unavailable');
  assert.equal((await fetch(`${serves.hosts[0].url}/readyz`)).status, 503);
  await serves.etcd.start();
  assert.equal(await balance(), before);
  assert.equal((await pay(later)).json.status, 'paid');
  assert.equal(await balance(), before + 1);
});

test('etcd hangs: 503 in time; open requests happened once or not at all', async () => {
  const made = await charge();
  const before = await balance();
  await sleep(5_000);  // the work after these responses has ended
  serves.etcd.pause();
  try {
    const began = Date.now();
    assertError(await pay(made), 503, 'storage_unavailable');
    assert.ok(Date.now() - began < 40_000);
  } finally {
    serves.etcd.resume();
  }
  await until('etcd is back', async () => (await fetch(`${serves.hosts[0].url}/readyz`)).ok, 30_000);
  const again = await pay(made);
  assert.ok(again.status === 200 || again.status === 409, again.text);
  assert.equal(await balance(), before + 1);
  await proves();
});
