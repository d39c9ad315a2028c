// host-adapters/wasi-http when etcd, a setting or the runtime fails, and with instances that are reused: hosts of their own.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeWorkspace } from '../../host-adapters/js/bootstrap.mjs';
import { assertError, root } from './lib.mjs';
import { between, patiently, startServes } from './lib_wasmtime.mjs';

test('a full etcd: writes are 503, reads work, and nothing is lost', async () => {
  const full = await startServes({ etcd_args: [`--quota-backend-bytes=${4 << 20}`] });
  const etcd = async (path, body) => (await fetch(`${full.etcd.url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) })).json();
  const key = Buffer.from('of somebody else').toString('base64');
  try {
    const { json: made } = await full.api('POST', '/v1/charges', { amount_sats: 1 });
    const pay = () => full.api('POST', `/v1/sandbox/charges/${made.id}/pay`, {});
    let filled;
    do filled = await etcd('kv/put', { key, value: Buffer.alloc(1 << 20, 'x').toString('base64') });
    while (!filled.error);
    assert.match(filled.error, /space exceeded/);
    assertError(await pay(), 503, 'storage_unavailable');
    assert.equal((await full.api('GET', `/v1/charges/${made.id}`)).json.status, 'pending');

    const { header } = await etcd('kv/deleterange', { key });
    await etcd('kv/compaction', { revision: header.revision, physical: true });
    await etcd('maintenance/defragment', {});
    for (const alarm of (await etcd('maintenance/alarm', { action: 'GET' })).alarms) await etcd('maintenance/alarm', { action: 'DEACTIVATE', ...alarm });
    assert.equal((await pay()).json.status, 'paid');
    assert.equal((await full.api('GET', '/v1/balance')).json.available_msat, 1_000);
  } finally {
    await full.stop();
  }
});

test('a slow or faulty etcd, or a lost commit response: nothing lost or done twice', async () => {
  let how = 'as it is';
  const strange = {
    'as it is': async (forward, _, response) => {
      const { status, text } = await forward();
      response.writeHead(status).end(text);
    },
    slow: async (...asked) => (await sleep(250), strange['as it is'](...asked)),
    nonsense: (_, __, response) => response.end('{}'),
    lost: async (forward, { body }, response) => {
      const { status, text } = await forward();
      if (body.includes('request_put') && !body.includes('"lease"')) response.writeHead(499).end();
      else response.writeHead(status).end(text);
    },
  };
  const proxies = [];
  const behind = await startServes({
    etcd_urls: async (url) => {
      proxies.push(await between(url, (...asked) => strange[how](...asked)));
      return proxies[0].url;
    },
  });
  try {
    const { api } = behind;
    how = 'slow';
    const { json: made } = await api('POST', '/v1/charges', { amount_sats: 1 });
    how = 'nonsense';
    assertError(await api('POST', `/v1/sandbox/charges/${made.id}/pay`, {}), 503, 'storage_unavailable');
    assert.match(behind.hosts[0].log(), /store: the response is not etcd's/);
    how = 'lost';
    await api('POST', '/v1/charges', { amount_sats: 3 }, { headers: { 'idempotency-key': 'lost' } });
    await api('POST', `/v1/sandbox/charges/${made.id}/pay`, {});
    how = 'as it is';
    assert.equal((await api('POST', '/v1/charges', { amount_sats: 3 }, { headers: { 'idempotency-key': 'lost' } })).status, 201);
    assert.equal((await api('GET', '/v1/charges')).json.data.length, 2);
    assert.ok([200, 409].includes((await api('POST', `/v1/sandbox/charges/${made.id}/pay`, {})).status));
    assert.equal((await api('GET', '/v1/balance')).json.available_msat, 1_000);
    assert.equal((await api('GET', '/v1/ledger/verify')).json.ok, true);
  } finally {
    await behind.stop();
    for (const proxy of proxies) proxy.stop();
  }
});

test('a dead member of etcd, or one that does not answer reads, is skipped', async () => {
  const breaks = await between('', (_, __, response) => response.destroy());
  const behind = await startServes({ etcd_urls: (url) => `http://127.0.0.1:1, ${url}` });
  const reads = await startServes({ etcd_urls: (url) => `${breaks.url}, ${url}`, bootstrap: false });
  try {
    assert.equal((await behind.api('POST', '/v1/charges', { amount_sats: 1 })).status, 201);
    assert.equal((await fetch(`${reads.hosts[0].url}/readyz`)).status, 200);
  } finally {
    breaks.stop();
    await behind.stop();
    await reads.stop();
  }
});

test('an etcd that stops responding ends every request in time, also one that would try its commit again', async () => {
  let silent = false, proxy;
  const hung = await startServes({
    etcd_urls: async (url) => {
      proxy = await between(url, async (forward, _, response) => {
        if (silent) return;
        const { status, text } = await forward();
        response.writeHead(status).end(text);
      });
      return proxy.url;
    },
  });
  try {
    const { operator_token } = JSON.parse(hung.secrets);
    silent = true;
    const began = Date.now();
    const made = await fetch(`${hung.hosts[0].url}/v1/admin/workspaces`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operator_token}`, 'content-type': 'application/json' },
      body: '{"name":"late"}',
      signal: AbortSignal.timeout(60_000),
    });
    assert.equal(made.status, 503);
    assert.equal((await made.json()).error.code, 'storage_unavailable');
    assert.ok(Date.now() - began < 30_000, `${Date.now() - began} ms`);
    silent = false;
    assert.equal((await hung.api('GET', '/v1/balance')).status, 200);
  } finally {
    proxy.stop();
    await hung.stop();
  }
});

test('a misconfigured server names the missing or invalid setting', async () => {
  for (const [env, sentence] of [
    [{ LNTPAY_SECRETS: '' }, /LNTPAY_SECRETS is missing: set it to the whole output of `node host-adapters\/js\/new-secrets\.mjs`/],
    [{ LNTPAY_BASE_URL: 'https://pay.example.com/' }, /without a slash at the end/],
  ]) {
    const bare = await startServes({ env, bootstrap: false });
    try {
      const answer = await fetch(`${bare.hosts[0].url}/v1/balance`);
      assert.equal(answer.status, 500);
      assert.match((await answer.json()).error.message, sentence);
    } finally {
      await bare.stop();
    }
  }
});

test('a trap before or between commits: 500, the next request works, nothing lost', async () => {
  const component = join(root, 'build', process.env.WASM_PRESET ?? 'wasm', 'faulty-edge-proxy.wasm');
  const faulty = await startServes({ component, args: ['--max-instance-reuse-count', '1000'] });
  try {
    const { api } = faulty;
    const trap = (where, key) => ({ headers: { 'x-test-trap': where, 'idempotency-key': key } });
    assert.equal((await api('GET', '/v1/balance', undefined, { headers: { 'x-test-trap': 'begin' } })).status, 500);
    assert.equal((await api('POST', '/v1/charges', { amount_sats: 2 }, trap('committed', 'charge'))).status, 500);
    const { json: made } = await api('POST', '/v1/charges', { amount_sats: 2 });
    assert.equal((await api('POST', `/v1/sandbox/charges/${made.id}/pay`, {}, trap('committed', 'pay'))).status, 500);
    assert.ok([200, 409].includes((await api('POST', `/v1/sandbox/charges/${made.id}/pay`, {})).status));
    assert.equal((await api('GET', `/v1/charges/${made.id}`)).json.status, 'paid');
    // The Idempotency-Key of the trapped request is locked until its lease expires.
    const again = await api('POST', '/v1/charges', { amount_sats: 2 }, { headers: { 'idempotency-key': 'charge' } });
    assertError(again, 409, 'idempotency_in_progress');
    assert.equal((await api('GET', '/v1/balance')).json.available_msat, 2_000);
    assert.equal((await api('GET', '/v1/ledger/verify')).json.ok, true);
  } finally {
    await faulty.stop();
  }
});

test('an instance ended by the runtime: a clear error, the next request works', async () => {
  const short = await startServes({ args: ['-W', 'timeout=3s'] });
  try {
    const { json: made } = await short.api('POST', '/v1/charges', { amount_sats: 1 });
    assert.equal((await short.api('GET', `/v1/charges/${made.id}?wait=20`)).status, 500);
    assert.equal((await short.api('POST', `/v1/sandbox/charges/${made.id}/pay`, {})).json.status, 'paid');
    assert.equal((await short.api('GET', '/v1/ledger/verify')).json.ok, true);
  } finally {
    await short.stop();
  }
});

test('reused instances keep workspaces apart', async () => {
  const reused = await startServes({ args: ['--max-instance-reuse-count', '1000'] });
  try {
    const { api_keys } = await makeWorkspace(reused.hosts[0].url, reused.secrets, 'another');
    const keys = [reused.keys.test, api_keys.test];
    const post = (i, path, body) => patiently(() => reused.api('POST', path, body, { key: keys[i % 2] }));
    const made = await Promise.all(Array.from({ length: 40 }, (_, i) => post(i, '/v1/charges', { amount_sats: 1 + (i % 2), description: `of ${i % 2}` })));
    for (const [i, { json }] of made.entries()) assert.deepEqual([json.amount_msat, json.description], [1_000 * (1 + (i % 2)), `of ${i % 2}`]);
    await Promise.all(made.map(({ json }, i) => post(i, `/v1/sandbox/charges/${json.id}/pay`, {})));
    for (const [i, key] of keys.entries()) {
      assert.equal((await reused.api('GET', '/v1/balance', undefined, { key })).json.available_msat, 20_000 * (1 + i));
      assert.equal((await reused.api('GET', '/v1/ledger/verify', undefined, { key })).json.ok, true);
    }
  } finally {
    await reused.stop();
  }
});
