// Hosts with a component that spins, exhausts memory or traps at a request: that request and those open in
// the instance get an error, and everything durable is available to the next one. A client that traps it repeatedly is refused.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { load } from '../../host-adapters/js/instantiate.mjs';
import * as tasks from '../../host-adapters/js/tasks.mjs';
import * as rules from '../../host-adapters/js/trap-history.mjs';
import { assertError, root, startHost, startNodeHost, until } from './lib.mjs';

const component = `${root}build/${process.env.WASM_PRESET ?? 'wasm'}/faulty.wasm`;
const skip = existsSync(component) ? false : `${component} is missing: cmake/build.sh wasm tests`;

test('an engine that spins, exhausts memory or traps is replaced without data loss', { skip }, async (t) => {
  const { api, stop } = await startHost({ args: ['--component', component] });
  t.after(() => stop());
  const charge = async () => (await api('POST', '/v1/charges', { amount_sats: 21 })).json;
  const waiting = async () => /^lntpay_waits 1$/m.test((await api('GET', '/metrics')).text);
  let paid = 0;
  for (const fault of ['spin', 'grow', 'trap']) {
    const { id } = await charge();
    const poll = api('GET', `/v1/charges/${id}?wait=25`);
    await until('the long poll waits', waiting);
    // With a key of its own: a client that traps the engine again and again is refused for a while.
    assertError(await api('GET', `/test/${fault}`, undefined, { key: 'lnt_test_trap' }), 500, 'internal_error');
    // The long poll had no effect yet, so it was restarted and does not notice.
    assert.equal((await api('POST', `/v1/sandbox/charges/${id}/pay`, {})).json.status, 'paid');
    assert.equal((await poll).json.status, 'paid');
    assert.equal((await api('GET', '/v1/balance')).json.available_sats, 21 * (paid += 1));
  }
  assert.match((await api('GET', '/metrics')).text, /^lntpay_instances_lost_total 3$/m);
});

/// A host with the faulty component: { api, close() }.
const hosts = {
  async server() {
    const { api, stop } = await startHost({ args: ['--component', component] });
    return { api, close: stop };
  },
  async JavaScript() {
    const { makeInstance } = await load(readFileSync(component));
    return startNodeHost({ wrap: () => makeInstance() });
  },
};

for (const [name, start] of Object.entries(hosts)) {
  test(`a client that traps the engine again and again gets 503, others do not: ${name}`, { skip }, async (t) => {
    const { api, close } = await start();
    t.after(() => close());
    const asked = (path) => api('GET', path, undefined, { key: 'lnt_test_trap' });
    const assertRefused = async (path) => {
      const answer = await asked(path);
      assertError(answer, 503, 'overloaded');
      assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    };
    for (let traps = 1; traps <= 3; ++traps) assertError(await asked('/test/trap'), 500, 'internal_error');
    await assertRefused('/test/trap');
    await assertRefused('/v1/balance');
    assert.equal((await api('GET', '/v1/balance')).status, 200);
    await delay(1_100);
    assertError(await asked('/test/trap'), 500, 'internal_error');
    await delay(1_100);
    await assertRefused('/v1/balance');
    assert.equal((await api('GET', '/v1/balance')).status, 200);
  });
}

test('JavaScript hosts refuse a trapping client by the constants of the server', () => {
  const source = readFileSync(`${root}host-adapters/server/engine/trap_history.cpp`, 'utf8');
  const value = (text) => {
    const [, minutes, number] = text.match(/^(minutes\()?([\d']+)\)?$/);
    return Number(number.replaceAll("'", '')) * (minutes ? 60_000 : 1);
  };
  const constants = [...source.matchAll(/^constexpr \S+ (\w+) = (.+);$/gm)].map(([, name, text]) => [name, value(text)]);
  const { TrapHistory: _, ...exported } = rules;
  assert.deepEqual(Object.fromEntries(constants), { ...exported });
});

test('the third trap within ten minutes is refused 1 s, then 2 s, up to 5 min', () => {
  const history = new rules.TrapHistory();
  const http = (key) => ({ tag: 'http', val: { method: 'GET', target: '/a', headers: [['authorization', key]], body: '', client: '' } });
  const mine = http('Bearer me');
  let now = 1_000_000;
  const refusedFor = () => {
    let span = 0;
    while (history.refuses(mine, now + span)) span += 500;
    return span / 1_000;
  };
  const spans = [];
  for (let traps = 0; traps < 13; ++traps) {
    history.trapped(mine, now);
    spans.push(refusedFor());
    now += 5 * 60_000;
  }
  assert.deepEqual(spans, [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  assert.ok(!history.refuses(http('Bearer another'), now - 5 * 60_000));
  now += 10 * 60_000;
  history.trapped(mine, now);
  assert.equal(refusedFor(), 0);
});

test('a trapping client is its Authorization field, else its path', () => {
  const history = new rules.TrapHistory();
  const input = (tag, target, headers = []) => ({ tag, val: { method: 'GET', target, headers, body: '', client: '' } });
  for (const path of ['/pay/1?a', '/pay/1?b', '/pay/1']) history.trapped(input('http', path), 0);
  assert.ok(history.refuses(input('gate', '/pay/1?c'), 1));
  assert.ok(!history.refuses(input('http', '/pay/2'), 1));
  assert.ok(!history.refuses(input('http', '/pay/1', [['authorization', 'Bearer x']]), 1));
  for (let traps = 0; traps < 3; ++traps) history.trapped({ tag: 'task', val: '7K/due/charge/1' }, 0);
  assert.ok(!history.refuses({ tag: 'task', val: '7K/due/charge/1' }, 1));
});

test('from the eleventh trap of the keys of a shard on, they are refused at every address, and other keys at none', () => {
  const history = new rules.TrapHistory();
  const http = (shard, i, client) => ({
    tag: 'http',
    val: {
      method: 'GET', target: '/a', body: '', client: '127.0.0.1',
      headers: [['authorization', `Bearer lnt_test_${shard}${String(i).padStart(36, '0')}`], ['x-forwarded-for', `10.0.0.1, ${client}`]],
    },
  });
  for (let i = 0; i < 10; ++i) history.trapped(http('Ab', i, '203.0.113.1'), 0);
  assert.ok(!history.refuses(http('Ab', 99, '203.0.113.1'), 1));
  history.trapped(http('Ab', 10, '203.0.113.1'), 0);
  assert.ok(history.refuses(http('Ab', 99, '198.51.100.2'), 1));
  assert.ok(!history.refuses(http('Ac', 99, '203.0.113.1'), 1));
  const without = (client, from = '127.0.0.1') => ({ tag: 'http', val: { method: 'GET', target: '/b', body: '', client: from, headers: [['x-forwarded-for', client]] } });
  for (let i = 0; i < 11; ++i) history.trapped({ tag: 'http', val: { ...without('203.0.113.9').val, target: `/pay/${i}` } }, 0);
  assert.ok(history.refuses(without('203.0.113.9'), 1));
  assert.ok(history.refuses(without('198.51.100.2', '203.0.113.9'), 1));
  assert.ok(!history.refuses(without('198.51.100.2'), 1));
  assert.ok(!history.refuses(http('Ac', 1, '203.0.113.9'), 1));
});

test('from the eleventh trap of an address without a key on, its requests are refused', () => {
  const history = new rules.TrapHistory();
  const http = (key, client) => ({ tag: 'http', val: { method: 'GET', target: '/a', headers: [['authorization', key]], body: '', client } });
  for (let traps = 0; traps < 10; ++traps) history.trapped(http(`Bearer ${traps}`, '192.0.2.7'), 0);
  assert.ok(!history.refuses(http('Bearer new', '192.0.2.7'), 1));
  for (let traps = 10; traps < 40; ++traps) history.trapped(http(`Bearer ${traps}`, '192.0.2.7'), 0);
  assert.ok(history.refuses(http('Bearer new', '192.0.2.7'), 59_999));
  assert.ok(!history.refuses(http('Bearer new', '192.0.2.7'), 60_000));
  assert.ok(!history.refuses(http('Bearer new', '192.0.2.8'), 1));
});

test('JavaScript hosts quarantine a task by the constants of the server', () => {
  const source = readFileSync(`${root}host-adapters/server/engine/due_work_scheduler.cpp`, 'utf8');
  const [, first_s] = source.match(/quarantine_first = seconds\((\d+)\)/);
  const [, doublings] = source.match(/quarantine_doublings_max = (\d+)/);
  const [, table] = source.match(/quarantined_max = ([\d']+)/);
  assert.deepEqual([Number(first_s) * 1_000, Number(doublings), Number(table.replace("'", ''))],
    [tasks.quarantine_first_ms, tasks.quarantine_doublings_max, tasks.quarantined_max]);
});

test('the table of trapping clients is bounded', () => {
  const history = new rules.TrapHistory();
  for (let i = 0; i < 2_500; ++i) {
    history.trapped({ tag: 'http', val: { method: 'GET', target: `/${i}`, headers: [], body: '', client: '' } }, 0);
    assert.ok(history.size <= rules.clients_max);
  }
});
