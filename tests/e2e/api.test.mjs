// The server's API over HTTP: idempotent writes, charges, lists, events, limits, restarts.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertError, startHost, until } from './lib.mjs';

let data, host, api, live;

before(async () => {
  data = await mkdtemp(join(tmpdir(), 'lntpay-api-'));
  host = await startHost({ data });
  ({ api } = host);
  live = host.env.LNTPAY_LIVE_API_KEY;
});
after(async () => {
  await host?.stop();
  await rm(data, { recursive: true, force: true });
});

const charge = (more = {}) => made(api('POST', '/v1/charges', { amount_sats: 21, ...more }));
async function made(asked) {
  const answer = await asked;
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}
const pay = (id) => api('POST', `/v1/sandbox/charges/${id}/pay`, {});
async function books() {
  const { json } = await api('GET', '/v1/balance');
  return [json.as_of_seq, json.available_msat];
}

test('HEAD is GET without a body, and OPTIONS answers a preflight', async () => {
  const head = await api('HEAD', '/v1/balance');
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
  assert.equal(head.headers.get('content-length'), String((await api('GET', '/v1/balance')).text.length));
  const headers = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
  const preflight = await api('OPTIONS', '/v1/charges', undefined, { key: null, headers });
  assert.equal(preflight.status, 204, preflight.text);
  assert.match(preflight.headers.get('access-control-allow-methods'), /POST/);
  const exposed = (await api('GET', '/v1/balance')).headers.get('access-control-expose-headers');
  const names = ['WWW-Authenticate', 'Request-Id', 'Idempotent-Replayed', 'RateLimit', 'Retry-After'];
  for (const name of names) assert.ok(exposed?.includes(name), name);
});

test('an invoice is decoded; invalid text is rejected with reason and position', async () => {
  const { bolt11, payment_hash } = await charge();
  const read = await api('POST', '/v1/bolt11/decode', { bolt11: `lightning:${bolt11}` });
  assert.equal(read.status, 200, read.text);
  assert.equal(read.json.payment_hash, payment_hash);
  assert.equal(read.json.amount_sats, 21);
  assert.deepEqual(read.json.warnings, []);
  assert.equal(read.json.payable.code, 'self_payment');
  const broken = await api('POST', '/v1/bolt11/decode', { bolt11: `${bolt11.slice(0, 40)}!${bolt11.slice(41)}` });
  assertError(broken, 400, 'bolt11_invalid');
  assert.deepEqual([broken.json.error.details.reason, broken.json.error.details.at], ['character_invalid', 40]);
  assertError(await api('POST', '/v1/bolt11/decode', { bolt11: 'q'.repeat(200_000) }), 400, 'bolt11_invalid');
});

test('a repeated write with its Idempotency-Key is one write', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  const first = await api('POST', '/v1/charges', { amount_sats: 21 }, { headers });
  const again = await api('POST', '/v1/charges', { amount_sats: 21 }, { headers });
  assert.equal(first.status, 201);
  assert.equal(again.status, 201);
  assert.equal(again.text, first.text);
  assert.equal(first.headers.get('idempotent-replayed'), null);
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
  assertError(await api('POST', '/v1/charges', { amount_sats: 22 }, { headers }), 422, 'idempotency_key_reused');
  for (const key of ['', 'x'.repeat(256)]) {
    const answer = await api('POST', '/v1/charges', { amount_sats: 21 }, { headers: { 'idempotency-key': key } });
    assertError(answer, 400, 'idempotency_key_invalid');
  }

  const racing = { 'idempotency-key': randomUUID() };
  const race = () => api('POST', '/v1/charges', { amount_sats: 5 }, { headers: racing });
  const answers = await Promise.all(Array.from({ length: 8 }, race));
  const ids = new Set(answers.filter(({ status }) => status === 201).map(({ json }) => json.id));
  assert.equal(ids.size, 1);
  for (const answer of answers) if (answer.status !== 201) assertError(answer, 409, 'idempotency_in_progress');

  // A rejection is not stored: the key is free for the corrected request.
  const corrected = { 'idempotency-key': randomUUID() };
  assertError(await api('POST', '/v1/charges', { amount_sats: 0 }, { headers: corrected }), 400, 'invalid_request');
  await made(api('POST', '/v1/charges', { amount_sats: 1 }, { headers: corrected }));
});

test('every write with an Idempotency-Key replays its response', async () => {
  const url = 'http://127.0.0.1:9/';
  const endpoint = await made(api('POST', '/v1/webhook_endpoints', { url }));
  const writes = [
    ['/v1/webhook_endpoints', { url }],
    [`/v1/webhook_endpoints/${endpoint.id}/rotate_secret`, {}],
    ['/v1/api_keys', { scopes: ['charges:read'] }],
  ];
  for (const [path, body] of writes) {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await api('POST', path, body, { headers });
    assert.ok(first.status < 300, `${path} ${first.text}`);
    const again = await api('POST', path, body, { headers });
    assert.equal(again.text, first.text, path);
  }
  for (const { id } of (await api('GET', '/v1/webhook_endpoints')).json.data) await api('DELETE', `/v1/webhook_endpoints/${id}`);
});

test('a charge is created, read, canceled, expired and paid, each once', async () => {
  const metadata = { a: [1, 2.5, 'ü'] };
  const asked = { amount_sats: 21, description: 'tea ☕', external_id: 'order 7', metadata, expires_in: 60 };
  const one = await charge(asked);
  for (const name of Object.keys(asked)) if (name !== 'expires_in') assert.deepEqual(one[name], asked[name], name);
  assert.equal(Date.parse(one.expires_at) - Date.parse(one.created_at) <= 61_000, true);
  assert.equal(one.lightning_uri.toLowerCase(), `lightning:${one.bolt11}`);
  assert.equal(one.environment, 'test');
  assert.deepEqual((await api('GET', `/v1/charges/${one.id}`)).json, one);
  assert.equal((await api('POST', `/v1/charges/${one.id}/cancel`)).json.status, 'canceled');
  assert.equal((await api('POST', `/v1/charges/${one.id}/cancel`)).json.status, 'canceled');
  assertError(await pay(one.id), 409, 'invalid_state');

  const two = await charge();
  assert.equal((await api('POST', `/v1/sandbox/charges/${two.id}/expire`)).json.status, 'expired');
  const three = await charge({ amount_msat: 1_500, amount_sats: undefined });
  assert.equal(three.amount_msat, 1_500);
  const [seq, available] = await books();
  assert.equal((await pay(three.id)).json.status, 'paid');
  assertError(await pay(three.id), 409, 'invalid_state');
  for (const { id } of [two, three]) assertError(await api('POST', `/v1/charges/${id}/cancel`), 409, 'invalid_state');
  assert.deepEqual(await books(), [seq + 1, available + 1_500]);
});

test('a long poll returns when the charge is paid', async () => {
  const { id } = await charge();
  const began = Date.now();
  const polls = [1, 2, 3].map(() => api('GET', `/v1/charges/${id}?wait=20`));
  await new Promise((resume) => setTimeout(resume, 200));
  await pay(id);
  for (const poll of await Promise.all(polls)) assert.equal(poll.json.status, 'paid');
  assert.ok(Date.now() - began < 10_000);
});

test('lists page both ways without gaps under inserts, and filter', async () => {
  const external_id = randomUUID();
  const ids = [];
  for (let i = 0; i < 7; ++i) ids.push((await charge({ external_id: i % 2 ? external_id : `${external_id} even` })).id);
  await pay(ids[3]);
  async function walk(query, during = () => {}) {
    const found = [];
    for (let cursor = ''; ; ) {
      const { status, json, text } = await api('GET', `/v1/charges?limit=2&${query}${cursor}`);
      assert.equal(status, 200, text);
      assert.ok(json.data.length <= 2);
      found.push(...json.data.map(({ id }) => id));
      assert.equal(json.has_more, json.next_cursor !== null);
      if (!json.has_more) return found;
      cursor = `&cursor=${encodeURIComponent(json.next_cursor)}`;
      await during();
    }
  }
  const odd = [ids[1], ids[3], ids[5]];
  assert.deepEqual(await walk(`external_id=${external_id}&order=asc`), odd);
  assert.deepEqual(await walk(`external_id=${external_id}`), [...odd].reverse());
  assert.deepEqual(await walk(`external_id=${external_id}&status=paid`), [ids[3]]);
  const all = await walk('order=desc', () => charge());
  assert.equal(new Set(all).size, all.length, 'none twice');
  assert.deepEqual(all.filter((id) => ids.includes(id)), [...ids].reverse(), 'none missing');

  const { created_at } = (await api('GET', `/v1/charges/${ids[3]}`)).json;
  const later = await walk(`created_gte=${created_at}&order=asc`);
  const earlier = await walk(`created_lt=${created_at}&order=asc`);
  assert.ok(later.includes(ids[3]) && !earlier.includes(ids[3]) && earlier.includes(ids[0]));

  const { next_cursor } = (await api('GET', '/v1/charges?limit=2')).json;
  assertError(await api('GET', `/v1/charges?status=paid&cursor=${next_cursor}`), 400, 'invalid_request', { param: 'cursor' });
  const elsewhere = await api('GET', `/v1/charges?cursor=${next_cursor}`, undefined, { key: live });
  assertError(elsewhere, 400, 'invalid_request', { param: 'cursor' });
  assertError(await api('GET', `/v1/ledger?cursor=${next_cursor}`), 400, 'invalid_request', { param: 'cursor' });
});

test('events are in order, without gaps', async () => {
  const seqs = [];
  for (let after_seq = 0; ; ) {
    const { json } = await api('GET', `/v1/events?limit=50&after_seq=${after_seq}`);
    seqs.push(...json.data.map(({ seq }) => seq));
    if (!json.has_more) break;
    after_seq = json.next_after_seq;
  }
  assert.deepEqual(seqs, Array.from(seqs, (_, i) => i + 1));
});

test('the rate limit returns 429 with Retry-After, and admits again in time', async (t) => {
  const limited = await startHost({ rate_limit: '5/2', args: ['--engine', 'native'] });
  t.after(() => limited.stop());
  const answers = [];
  for (let i = 0; i < 12; ++i) answers.push(await limited.api('GET', '/v1/balance'));
  const refused = answers.find(({ status }) => status === 429);
  assert.ok(refused, answers.map(({ status }) => status).join());
  assertError(refused, 429, 'rate_limit_exceeded');
  assert.match(refused.headers.get('retry-after'), /^[1-9]\d*$/);
  assert.equal(answers[0].headers.get('ratelimit-policy'), '"default";q=3;w=2');
  assert.match(answers[0].headers.get('ratelimit'), /^"default";r=\d+;t=\d+$/);
  await new Promise((resume) => setTimeout(resume, Number(refused.headers.get('retry-after')) * 1_000));
  assert.equal((await limited.api('GET', '/v1/balance')).status, 200);
});

test('SIGTERM stops the host with exit code 0; a restart keeps data and key', async () => {
  const { id } = await charge({ external_id: 'kept' });
  await pay(id);
  const waiting = await charge();
  const poll = api('GET', `/v1/charges/${waiting.id}?wait=25`);
  await new Promise((resume) => setTimeout(resume, 200));
  const balance = (await api('GET', '/v1/balance')).json;
  const env = { ...host.env };

  const began = Date.now();
  assert.deepEqual(await host.stop('SIGTERM'), { code: 0, signal: null });
  assert.ok(Date.now() - began < 8_000, 'it ends in time');
  const polled = await poll;
  assert.equal(`${polled.status} ${polled.json?.status}`, '200 pending', polled.text);

  host = await startHost({ data });
  ({ api } = host);
  delete env.LNTPAY_BASE_URL;  // the port differs
  for (const name of Object.keys(env)) assert.equal(host.env[name], env[name], name);
  assert.equal((await stat(join(data, 'sandbox.env'))).mode & 0o777, 0o600);
  assert.deepEqual((await api('GET', '/v1/balance')).json, balance);
  assert.equal((await api('GET', `/v1/charges/${id}`)).json.status, 'paid');
  assert.equal((await api('GET', '/v1/ledger/verify')).json.ok, true);
  assert.equal((await pay(waiting.id)).json.status, 'paid');
});
