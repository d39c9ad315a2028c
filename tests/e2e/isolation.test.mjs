// The trouble of one workspace stays its own: a name server that never answers, receivers that hang, a damaged row, a clock that
// advances over many charges. `make bench isolation` measures by how much such load slows the other workspaces.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHost, until } from './lib.mjs';
import { call, scratchFolder } from './lib_process.mjs';
import { startStubLnd } from './lib_stub_lnd.mjs';

/// Less than the 15 s for which an exchange may hang: a request that waits for one takes longer.
const unharmed_ms = 8_000;

let stub;
before(async () => (stub = await startStubLnd(scratchFolder())));
after(() => stub?.stop());

/// A host with a live node. `workspace(name)` creates a workspace with two clients, test(method, path, body, status) and live(…),
/// which fail if the response has another status.
async function start(t, { args = [], data = scratchFolder() } = {}) {
  const host = await startHost({ data, args: ['--log-level', 'warn', ...stub.args, ...args] });
  t.after(() => host.stop());
  const must = (key) => async (method, path, body, status = 200) => {
    const answer = await host.api(method, path, body, { key });
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    return answer.json;
  };
  const workspace = async (name) => {
    const { id, api_keys } = await must(host.env.LNTPAY_OPERATOR_TOKEN)('POST', '/v1/admin/workspaces', { name }, 201);
    return { id, test: must(api_keys.test), live: must(api_keys.live), key: api_keys.test };
  };
  const metric = async (name) => Number(new RegExp(`^${name} (.*)$`, 'm').exec((await host.api('GET', '/metrics')).text)[1]);
  return { ...host, must, workspace, metric };
}

/// A receiver of webhooks: { url, held, release() }. With `hangs` it holds its responses until `release`.
async function startReceiver(t, { hangs = false } = {}) {
  const held = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => (hangs ? held.push(response) : response.end()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  const release = () => {
    hangs = false;
    for (const response of held) response.end();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, held, release };
}

async function timed(action) {
  const began = Date.now();
  const result = await action();
  return [result, Date.now() - began];
}

async function repeat(times, action, at_once = 16) {
  let next = 0;
  await Promise.all(Array.from({ length: at_once }, async () => {
    while (next < times) await action(next++);
  }));
}

const newEndpoint = (shop, url) => shop.test('POST', '/v1/webhook_endpoints', { url, event_types: ['charge.created'] }, 201);
const newCharge = (shop, more = {}) => shop.test('POST', '/v1/charges', { amount_sats: 21, ...more }, 201);
const newLiveCharge = (shop) => shop.live('POST', '/v1/charges', { amount_sats: 21 }, 201);
const deliveriesOf = async (shop, { id }) => (await shop.test('GET', `/v1/webhook_endpoints/${id}/deliveries?limit=100`)).data;

async function assertLiveChargesUnharmed(shop, times) {
  const before = stub.made();
  for (let i = 0; i < times; ++i) {
    const [, ms] = await timed(() => newLiveCharge(shop));
    assert.ok(ms < unharmed_ms, `a live charge took ${ms} ms`);
  }
  assert.equal(stub.made() - before, times, 'invoices at the node');
}

test('a name server that never answers delays only its endpoint', async (t) => {
  let questions = 0;
  const silent = createSocket('udp4', () => (questions += 1)).bind(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const receiver = await startReceiver(t);
  const host = await start(t, { args: ['--name-servers', `127.0.0.1:${silent.address().port}`] });
  const [harmful, other] = [await host.workspace('harmful'), await host.workspace('other')];
  const lost = await newEndpoint(harmful, 'https://silent.example.com/hook');
  await repeat(12, () => newCharge(harmful));
  await until('the name server is asked', () => questions > 0);

  const endpoint = await newEndpoint(other, receiver.url);
  const [, ms] = await timed(async () => {
    await repeat(41, () => newCharge(other), 4);
    await until('all are delivered', async () => {
      const all = await deliveriesOf(other, endpoint);
      return all.length === 41 && all.every(({ status }) => status === 'succeeded');
    });
  });
  assert.ok(ms < unharmed_ms, `41 deliveries took ${ms} ms`);
  for (const { id, attempts } of await deliveriesOf(other, endpoint)) {
    const log = attempts > 1 && (await other.test('GET', `/v1/webhook_deliveries/${id}`)).attempt_log;
    assert.equal(attempts, 1, `of delivery ${id}: ${JSON.stringify(log)}`);
  }
  await assertLiveChargesUnharmed(other, 10);
  assert.ok((await deliveriesOf(harmful, lost)).every(({ status }) => status === 'pending'));
});

test('160 receivers that hang delay no live charge and no other receiver', async (t) => {
  const hanging = await startReceiver(t, { hangs: true });
  const receiver = await startReceiver(t);
  const host = await start(t);
  const harmful = [];
  for (let i = 0; i < 8; ++i) harmful.push(await host.workspace('harmful'));
  const shop_of = (i) => harmful[i % harmful.length];
  const endpoints = [];
  await repeat(160, async (i) => (endpoints[i] = await newEndpoint(shop_of(i), `${hanging.url}/${i}`)));
  const events = 17;  // 8 at a time, but the first ones as they come
  await repeat(harmful.length * events, (i) => newCharge(shop_of(i)));
  for (const response of hanging.held.splice(0)) response.end();
  let held = 0;
  await until('as many hang as the host allows', async () => {
    const before = held;
    await sleep(1_000);
    held = hanging.held.length;
    return held > 160 && held === before;
  });

  const other = await host.workspace('other');
  const endpoint = await newEndpoint(other, receiver.url);
  await assertLiveChargesUnharmed(other, 10);
  await newCharge(other);
  const isDelivered = async () => (await deliveriesOf(other, endpoint))[0]?.status === 'succeeded';
  await until('another workspace’s event is delivered', isDelivered, unharmed_ms);
  assert.equal((await deliveriesOf(other, endpoint))[0].attempts, 1);
  assert.equal((await host.api('GET', '/healthz')).status, 200);

  hanging.release();
  const seen = new Map();  // the deliveries of an endpoint that are all received
  await until('every event is received', async () => {
    await repeat(160, async (i) => {
      if (seen.has(i)) return;
      const all = await deliveriesOf(shop_of(i), endpoints[i]);
      if (all.length === events && all.every(({ status }) => status === 'succeeded')) seen.set(i, all);
    });
    await sleep(200);
    return seen.size === 160;
  }, 60_000);
  for (const [i, all] of seen) {
    for (const { id, attempts } of all.filter((each) => each.attempts > 1)) {
      const { attempt_log } = await shop_of(i).test('GET', `/v1/webhook_deliveries/${id}`);
      const failures = attempt_log.map(({ failure }) => failure).filter(Boolean);
      assert.ok(failures.every((failure) => /timed out/.test(failure)), `${attempts} attempts: ${failures}`);
    }
  }
});

/// Flips one bit of the charge's row in the database of a stopped host, in the first byte of the description. Yields the row's key.
async function flipBit(data, { workspace, charge, bit }) {
  const path = join(data, 'lntpay.db');
  const file = await readFile(path);
  const key = `${charge.id.slice(3, 5)}/test/${workspace}/charge/${charge.id}`;
  const row = new RegExp(`${key}[^/]{0,100}\\|21000\\|${charge.description}`, 'g');
  const ends = [...file.toString('latin1').matchAll(row)].map((found) => found.index + found[0].length);
  assert.ok(ends.length > 0, `a row of ${charge.id}`);
  for (const end of ends) file[end - charge.description.length] ^= bit;  // SQLite may leave copies in free space
  await writeFile(path, file);
  return key;
}

test('a damaged row of due work is logged and counted, and the host serves', async (t) => {
  const data = scratchFolder();
  const first = await startHost({ data });
  const workspace = first.env.LNTPAY_WORKSPACE;
  const due = { amount_sats: 21, expires_in: 2 };
  const make = async (description) => (await first.api('POST', '/v1/charges', { ...due, description })).json;
  const damages = [
    { workspace, bit: 0x80, charge: await make('no UTF-8 any more') },
    { workspace, bit: 0x04, charge: await make('x becomes the character between two fields') },
  ];
  const intact = [await make('intact'), await make('intact')];
  await first.stop();
  const keys = [];
  for (const damage of damages) keys.push(await flipBit(data, damage));
  await sleep(2_000);

  const host = await start(t, { data });
  const own = host.must(host.env.LNTPAY_API_KEY);
  for (const { id } of intact) {
    await until('another due charge expires', async () => (await own('GET', `/v1/charges/${id}`)).status === 'expired', 40_000);
  }
  const isLogged = (key) => host.log().split('\n').some((line) => /damaged/.test(line) && line.includes(key));
  for (const key of keys) await until(`the log names ${key}`, () => isLogged(key), 40_000);
  assert.ok((await host.metric('lntpay_rows_damaged_total')) >= keys.length);
  assert.equal(await host.metric('lntpay_instances_lost_total'), 0);
  for (const { charge } of damages) {
    const answer = await host.api('GET', `/v1/charges/${charge.id}`);
    assert.ok(answer.status >= 500, answer.text);
    assert.match(answer.json.error.request_id, /^req_/);
  }
  const other = await host.workspace('other');
  await newCharge(other);
  await newLiveCharge(other);
  await own('POST', '/v1/charges', { amount_sats: 21 }, 201);
  assert.equal((await host.api('GET', '/readyz')).status, 200);
  assert.equal(host.child.exitCode, null);
});

test('a clock that advances over 10,300 charges leaves others unharmed', async (t) => {
  const host = await start(t);
  const [harmful, other] = [await host.workspace('harmful'), await host.workspace('other')];
  const body = { amount_sats: 21, expires_in: 86_400 };
  await repeat(10_300, async () => {
    const made = await call(`${host.url}/v1/charges`, { method: 'POST', key: harmful.key, body });
    assert.equal(made.status, 201, made.text);
  }, 32);

  const polled = await newCharge(other);
  const polled_live = await newLiveCharge(other);
  const polls = Array.from({ length: 50 }, () => other.test('GET', `/v1/charges/${polled.id}?wait=25`));
  const live_poll = other.live('GET', `/v1/charges/${polled_live.id}?wait=25`);
  await until('all long polls wait', async () => (await host.metric('lntpay_waits')) >= 51);

  const advanced = await host.api('POST', '/v1/sandbox/clock/advance', { ms: 1 }, { key: harmful.key });
  assert.ok([200, 202].includes(advanced.status), advanced.text);
  assert.equal(advanced.json.clock_ahead_ms, 1);
  assert.equal(typeof advanced.json.moving, 'boolean', 'its progress');
  const [, ms] = await timed(() => repeat(20, () => newCharge(other), 1));
  assert.ok(ms < unharmed_ms, `20 charges took ${ms} ms`);
  await assertLiveChargesUnharmed(other, 5);
  await other.test('POST', `/v1/sandbox/charges/${polled.id}/pay`, {});
  await other.live('POST', `/v1/charges/${polled_live.id}/cancel`, {});
  for (const poll of polls) assert.equal((await poll).status, 'paid');
  assert.equal((await live_poll).status, 'canceled');

  await until('all have moved', async () => !(await harmful.test('GET', '/v1/sandbox')).moving, 60_000);
  assert.equal(await host.metric('lntpay_instances_lost_total'), 0);
  await newCharge(harmful);
  await harmful.test('POST', '/v1/sandbox/clock/advance', { ms: 1 });
});
