// Two Workers on the real workerd: LNTPay, and one that charges for a request. Exits with 0 only if every step succeeds.
//   node demo.mjs            runs every step
//   node demo.mjs --stay     keeps running afterwards, with a URL to open in a browser
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gates_binding, modules_root, startLocal } from '../../host-adapters/cloudflare/local-workers.mjs';
import { makeWorkspace, newSecretsText } from '../../host-adapters/js/bootstrap.mjs';
import { freePort } from '../../host-adapters/js/programs.mjs';

const steps = 8;
let number = 0;
const done = (what) => console.log(`${String((number += 1)).padStart(2)}. ✓ ${what}`);

const data = await mkdtemp(join(tmpdir(), 'lntpay-worker-gate-'));
const [port, reports_port] = [await freePort(), await freePort()];
const lntpay = `http://127.0.0.1:${port}`;
const reports = `http://127.0.0.1:${reports_port}`;
const secrets = newSecretsText();
let runtime;
try {
  runtime = await startLocal({ port, data, secrets });
  const { api_keys } = await makeWorkspace(lntpay, secrets, 'reports');
  const api = async (method, path, body) => {
    const headers = { authorization: `Bearer ${api_keys.test}`, 'content-type': 'application/json' };
    const answer = await fetch(`${lntpay}/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
  done('LNTPay runs on workerd, with one Durable Object per shard');
  const { id: gate } = await api('POST', '/gates', { name: 'a report', price_sats: 5, match: { method: 'GET', path: '/reports/*' } });
  done(`A gate prices GET /reports/* at 5 sats: ${gate}`);

  const paths = ['examples/worker-gate/worker.mjs', 'host-adapters/cloudflare/gate.mjs', 'host-adapters/js/gating.mjs', 'host-adapters/js/client-body.mjs'];
  const module = async (path) => ({ type: 'ESModule', path, contents: await readFile(path, 'utf8') });
  const modules = await Promise.all(paths.map((path) => module(join(modules_root, path))));
  await runtime.dispose();
  runtime = await startLocal({
    port,
    data,
    secrets,
    beside: [{
      name: 'reports',
      modulesRoot: modules_root,
      modules,
      compatibilityDate: '2026-06-01',
      ...gates_binding,
      bindings: { GATE: gate },
      unsafeDirectSockets: [{ host: '127.0.0.1', port: reports_port }],
    }],
  });
  done(`The Worker of this example runs too: ${reports}/reports/tides`);

  const visit = (headers = {}) => fetch(`${reports}/reports/tides`, { headers });
  const unpaid = await visit();
  assert.equal(unpaid.status, 402);
  const { price_sats, invoice } = await unpaid.json();
  const [, token] = /token="([^"]+)"/.exec(unpaid.headers.get('www-authenticate'));
  done(`An unpaid request gets 402: ${price_sats} sats, ${invoice.slice(0, 24)}…`);
  const { preimage } = await api('POST', '/sandbox/wallet/pay', { bolt11: invoice });
  done('The sandbox\'s wallet pays the invoice and gets the preimage');
  const authorization = `L402 ${token}:${preimage}`;
  const paid = await visit({ authorization });
  assert.equal(paid.status, 200, await paid.clone().text());
  assert.ok(paid.headers.get('payment-receipt'));
  done(`The paid request gets 200, ${JSON.stringify((await paid.json()).text)}, and a Payment-Receipt`);
  assert.equal((await visit({ authorization })).status, 402);
  done('The same credential again gets 402 with a new invoice: its use is spent');
  const { available_sats } = await api('GET', '/balance');
  assert.equal(available_sats, 5);
  done(`The balance is ${available_sats} sats`);
  console.log(`${number} of ${steps} steps succeeded`);
  if (process.argv.includes('--stay')) {
    console.log(`\nOpen ${reports}/reports/tides in a browser. Press Ctrl-C to stop.`);
    await new Promise(() => {});
  }
} finally {
  await runtime?.dispose();
  await rm(data, { recursive: true, force: true });
}
