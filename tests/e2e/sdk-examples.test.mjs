// The second forms of the examples, with the npm package installed from its tarball.
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { cpSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { root, startHost, until } from './lib.mjs';
import { makeWallet } from './lib_gates.mjs';
import { freePort, program, scratchFolder } from './lib_process.mjs';

let folder, host;

before(async () => {
  host = await startHost();
  folder = scratchFolder();
  for (const path of ['examples', 'host-adapters/js']) cpSync(join(root, path), join(folder, path), { recursive: true, filter: (each) => !each.endsWith('node_modules') });
  const [tarball] = readdirSync(join(root, 'build/packages')).filter((name) => name.startsWith('lntpay-sdk-'));
  const install = ['install', '--no-save', '--offline', '--no-audit', '--no-fund', '--prefix', 'examples', join(root, 'build/packages', tarball)];
  const { status, stderr } = spawnSync('npm', install, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  symlinkSync(join(root, 'tests/node_modules'), join(folder, 'node_modules'));  // express
});
after(() => host?.stop());

/// Runs a demo against a sandbox of its own.
async function demo(name, expected) {
  const { LNTPAY_API_KEY, LNTPAY_BASE_URL, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [`examples/${name}/demo.mjs`, '--sdk'], { cwd: folder, env: { ...env, LNTPAY_PROGRAM: program }, timeout: 90_000 }).catch((error) => error);
  assert.match(stdout, expected);
}

test('the quickstart runs with the package', () => demo('pay-per-request', /^19 of 19 steps succeeded/m));
test('the paywall runs with the package', () => demo('content-paywall', /^6 of 6 steps succeeded$/m));

/// Starts a file of the examples; yields its address and what it printed.
async function start(t, path, env, port) {
  const settings = { LNTPAY_API_KEY: host.env.LNTPAY_API_KEY, LNTPAY_BASE_URL: host.env.LNTPAY_BASE_URL, PORT: String(port) };
  const child = spawn(process.execPath, [join(folder, 'examples', path)], { env: { ...process.env, ...settings, ...env } });
  const service = { url: `http://127.0.0.1:${port}`, said: '' };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (service.said += text));
  t.after(() => child.kill());
  await until(`${path} answers`, () => fetch(service.url).then(() => true, () => false));
  return service;
}

test('Express sells a report with two lines', async (t) => {
  const { id } = (await host.api('POST', '/v1/gates', { price_sats: 21, match: { method: 'GET', path: '/reports/*' } })).json;
  const { url } = await start(t, 'express/sdk.mjs', { LNTPAY_GATE: id }, await freePort());
  const wallet = makeWallet(host.api);
  const get = (path, authorization) => fetch(url + path, { headers: authorization ? { authorization } : {} });
  const credential = await wallet.buy(await get('/reports/7'));
  assert.deepEqual(await (await get('/reports/7', credential)).json(), { report: 7 });
  assert.equal((await get('/reports/7', credential)).status, 402);
  const failing = await wallet.buy(await get('/reports/0'));
  for (const _ of [1, 2]) assert.equal((await get('/reports/0', failing)).status, 500);
});

test('a receiver handles each event once, and no forged one', async (t) => {
  const port = await freePort();
  const made = await host.api('POST', '/v1/webhook_endpoints', { url: `http://127.0.0.1:${port}/hook`, event_types: ['charge.paid'] });
  const service = await start(t, 'webhooks/sdk.mjs', { LNTPAY_WEBHOOK_SECRET: made.json.secret }, port);
  const { id } = (await host.api('POST', '/v1/sandbox/fund', { amount_sats: 21 })).json;
  await until('the event is handled', () => service.said.includes(`charge.paid ${id}`));
  const find = async () => (await host.api('GET', `/v1/webhook_deliveries?object_id=${id}&status=succeeded`)).json.data[0];
  const delivery = await until('the delivery has ended', find);
  const again = await host.api('POST', `/v1/webhook_deliveries/${delivery.id}/redeliver`, {});
  assert.equal(again.status, 202, again.text);
  await until('it is delivered again', async () => (await host.api('GET', `/v1/webhook_deliveries/${delivery.id}`)).json.attempts === 2);
  assert.equal(service.said.split(`charge.paid ${id}`).length, 2);
  assert.equal((await fetch(`http://127.0.0.1:${port}/hook`, { method: 'POST', body: '{"type":"charge.paid"}' })).status, 400);
});
