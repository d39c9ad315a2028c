// LNTPay on stock `wasmtime serve`: two processes on one etcd, one of which is killed. Exits with 0 only if every step succeeds.
//   node demo.mjs            runs every step
//   node demo.mjs --stay     keeps running afterwards, with an API key to try
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeWorkspace, newSecretsText } from '../../host-adapters/js/bootstrap.mjs';
import { startEtcd, startServe, tick } from '../../host-adapters/wasi-http/local-wasmtime.mjs';

const steps = 10;
let number = 0;
const done = (what) => console.log(`${String((number += 1)).padStart(2)}. ✓ ${what}`);

const folder = await mkdtemp(join(tmpdir(), 'lntpay-wasmtime-serve-'));
const secrets = newSecretsText();
const programs = [];
try {
  const etcd = await startEtcd({ data: folder });
  programs.push(etcd);
  for (let i = 0; i < 2; ++i) programs.unshift(await startServe({ secrets, etcd_url: etcd.url }));
  const [one, two] = programs;
  done(`Two processes of wasmtime serve run on one etcd: ${one.url} and ${two.url}`);
  const { api_keys } = await makeWorkspace(one.url, secrets, 'demo');
  const ask = (at, method, path, body) => fetch(at.url + path, {
    method,
    headers: { authorization: `Bearer ${api_keys.test}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const api = async (...asked) => {
    const answer = await ask(...asked);
    const text = await answer.text();
    assert.ok(answer.ok, `${asked[1]} ${asked[2]}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
  done('The operator\'s token creates a workspace and its key');

  const charge = await api(one, 'POST', '/v1/charges', { amount_sats: 21, description: 'a report' });
  done(`The first creates a charge: ${charge.bolt11.slice(0, 24)}…`);
  await one.kill();
  const paid = await api(two, 'POST', `/v1/sandbox/charges/${charge.id}/pay`, {});
  assert.equal(paid.status, 'paid');
  done('The first is killed; the charge is paid at the second');
  await one.start();
  assert.equal((await api(one, 'GET', `/v1/charges/${charge.id}`)).status, 'paid');
  done('The first restarts and shows the charge as paid');

  const gate = await api(one, 'POST', '/v1/gates', { price_sats: 5, match: { method: 'GET', path: '/reports/*' } });
  const visit = (at, what, authorization) => fetch(`${at.url}/gate/${gate.id}/${what}`, {
    headers: { 'x-original-method': 'GET', 'x-original-uri': '/reports/7', ...(authorization && { authorization }) },
  });
  const unpaid = await visit(one, 'challenge');
  assert.equal(unpaid.status, 402);
  const [, token] = /token="([^"]+)"/.exec(unpaid.headers.get('www-authenticate'));
  done('A gate prices GET /reports/*: the first returns 402 with an invoice');
  const { preimage } = await api(two, 'POST', '/v1/sandbox/wallet/pay', { bolt11: (await unpaid.json()).invoice });
  const both = await Promise.all([one, two].map((at) => visit(at, 'authorize', `L402 ${token}:${preimage}`)));
  assert.equal(both.filter(({ status }) => status === 204).length, 1);
  done('The paid credential is used at both at once: one authorizes it');

  const later = await api(one, 'POST', '/v1/charges', { amount_sats: 4 });
  await api(one, 'POST', `/v1/sandbox/charges/${later.id}/pay`, { delay_ms: 2_500 });
  await sleep(2_600);
  const { tasks } = await tick(two.url, secrets);
  assert.equal((await api(one, 'GET', `/v1/charges/${later.id}`)).status, 'paid');
  done(`A tick at the second credits a later payment (${tasks} task${tasks === 1 ? '' : 's'})`);
  const { available_sats } = await api(two, 'GET', '/v1/balance');
  assert.equal(available_sats, 30);
  done(`The balance is ${available_sats} sats`);
  assert.equal((await api(one, 'GET', '/v1/ledger/verify')).ok, true);
  done('The ledger verifies');
  console.log(`${number} of ${steps} steps succeeded`);
  if (process.argv.includes('--stay')) {
    console.log(`\nLNTPAY_BASE_URL=${one.url}/v1 LNTPAY_API_KEY=${api_keys.test}\nPress Ctrl-C to stop.`);
    await new Promise(() => {});
  }
} finally {
  for (const program of programs) await program.stop();
  await rm(folder, { recursive: true, force: true });
}
