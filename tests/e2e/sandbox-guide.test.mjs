// Runs every shell line of docs/sandbox.md unchanged, and checks its documented result.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from './lib.mjs';
import { call, root, startHost } from './lib_process.mjs';

const guide = readFileSync(join(root, 'docs/sandbox.md'), 'utf8');
const [functions, ...scripts] = [...guide.matchAll(/```sh\n([^]*?)```/g)].map(([, code]) => code);
const lines = scripts.flatMap((script) => script.trim().split('\n'));
let host;
let env;

before(async () => {
  host = await startHost({ args: ['--rate-limit', '100000/1'] });
  env = { ...process.env, LNTPAY_BASE_URL: `${host.url}/v1`, LNTPAY_API_KEY: host.key };
});
after(() => host?.stop());

const api = async (method, path, body) => (await call(`${host.url}/v1/${path}`, { method, key: host.key, body })).json;
const charge = () => api('POST', 'charges', { amount_sats: 21 });
const status = async (kind, id) => (await api('GET', `${kind}/${id}`)).status;
const becomes = (kind, id, wanted) => until(`${kind} ${id} is ${wanted}`, async () => (await status(kind, id)) === wanted);

const shell = (line, id) =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', `${functions}\n${line}`], { env: { ...env, ID: id }, encoding: 'utf8' });

/// Runs a line of the guide that makes one call; `id` replaces $ID.
function run(line, id = '') {
  const text = shell(line, id);
  const answer = JSON.parse(text);
  assert.equal(answer.error, undefined, `${line}\n${text}`);
  return { answer, text };
}

let id; // the object of consecutive lines
let bolt11;

/// The start of each line, in order, and the check of its result.
const steps = [
  ['post sandbox/fund ', (line) => assert.equal(run(line).answer.status, 'paid')],
  ['post sandbox/charges/$ID/pay \'{"amount_msat":42000}\'', async (line) => assert.equal(run(line, (await charge()).id).answer.settled_msat, 42_000)],
  ['post sandbox/charges/$ID/pay \'{"delay_ms":60000}\'', async (line) => {
    id = (await charge()).id;
    assert.equal(run(line, id).answer.status, 'pending');
  }],
  ['post sandbox/clock/advance \'{"ms":60000}\'', async (line) => {
    run(line);
    await becomes('charges', id, 'paid');
  }],
  ['post sandbox/clock/advance \'{"ms":600000}\'', async (line) => {
    id = (await charge()).id;
    run(line);
    await becomes('charges', id, 'expired');
  }],
  ['post sandbox/charges/$ID/pay \'{"late":true}\'', (line) => assert.equal(run(line, id).answer.status, 'paid_late')],
  ['post sandbox/faults \'{"faults":["settles_short"]}\'', async (line) => {
    run(line);
    id = (await charge()).id;
    await api('POST', `sandbox/charges/${id}/pay`, {});
    await becomes('charges', id, 'underpaid');
    await api('POST', 'sandbox/faults', { faults: [] });
  }],
  ['post sandbox/invoices ', (line) => (bolt11 = run(line).answer.bolt11)],
  ['post withdrawals ', (line) => {
    const filled = line.replace('lnbcrt…', bolt11);
    const { answer, text } = run(filled);
    assert.equal(answer.status, 'pending');
    assert.equal(run(filled).text, text);
    id = answer.id;
  }],
  ['get withdrawals/$ID?wait=25', (line) => assert.ok(['dispatched', 'unknown', 'failed'].includes(run(line, id).answer.status))],
  ['post webhook_endpoints ', (line) => (id = run(line).answer.id)],
  ['post sandbox/faults \'{"faults":["webhooks_down"]}\'', (line) => assert.deepEqual(run(line).answer.faults, ['webhooks_down'])],
  ['post sandbox/fund ', async (line) => {
    run(line);
    await until('an attempt failed', async () => (await api('GET', `webhook_endpoints/${id}/deliveries`)).data.some(({ attempts }) => attempts > 0));
  }],
  ['for day in ', async (line) => {
    shell(line);
    await becomes('webhook_endpoints', id, 'disabled');
  }],
];

test('every line of the guide is tested here', () => {
  assert.match(functions, /^post\(\)[^]*\nget\(\)/);
  assert.deepEqual(
    lines.map((line, i) => (line.startsWith(steps[i]?.[0]) ? steps[i][0] : line)),
    steps.map(([begins]) => begins),
  );
});

for (const [i, line] of lines.entries()) {
  test(line.replace(/ +#.*/, ''), async () => {
    assert.ok(steps[i], 'no step for this line');
    await steps[i][1](line);
  });
}
