// One story, played on every host with fixed time and randomness: the responses are equal, byte for byte.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePort } from '../../host-adapters/js/programs.mjs';
import { newSecretsText } from '../../host-adapters/js/bootstrap.mjs';
import { serveSite } from '../../host-adapters/browser/serve.mjs';
import { withFixedMoments } from './lib_fixed_moments.mjs';
import { root, startNodeHost, until } from './lib.mjs';
import { launch } from './lib_browser.mjs';
import { startServes } from './lib_wasmtime.mjs';
import { startWorkerd } from './lib_workerd.mjs';

const port = await freePort();
const base_url = `http://localhost:${port}`;
const secrets = newSecretsText();
const { operator_token } = JSON.parse(secrets);
const cleanups = [];
after(async () => {
  for (const clean of cleanups.reverse()) await clean();
});

/// Each yields send(path, init) -> Response.
const hosts = {
  async component() {
    const host = await startNodeHost({ engine: 'component', secrets: JSON.parse(secrets), base_url, wrap: ({ engine }) => ({ engine: withFixedMoments(engine) }) });
    cleanups.push(() => host.close());
    return host.send;
  },
  async module() {
    const host = await startNodeHost({ engine: 'module', secrets: JSON.parse(secrets), base_url, wrap: ({ engine }) => ({ engine: withFixedMoments(engine) }) });
    cleanups.push(() => host.close());
    return host.send;
  },
  'lntpay serve': startFixedServe,
  async 'wasmtime serve'() {
    const component = join(root, 'build', process.env.WASM_PRESET ?? 'wasm', 'fixed-edge-proxy.wasm');
    const { hosts: [{ url }], stop } = await startServes({ secrets, component, bootstrap: false, env: { LNTPAY_BASE_URL: base_url, LNTPAY_WEBHOOK_HOSTS: 'shop.example' } });
    cleanups.push(stop);
    return (path, init) => fetch(url + path, init);
  },
  async workerd() {
    const host = await startWorkerd({ engine: 'fixed_engine.mjs', secrets, bootstrap: false, bindings: { LNTPAY_BASE_URL: base_url } });
    cleanups.push(() => host.stop());
    return (path, init) => fetch(host.url + path, init);
  },
  async browser() {
    const site = await mkdtemp(join(tmpdir(), 'lntpay-site-'));
    execFileSync(process.execPath, [join(root, 'host-adapters/browser/build-site.mjs'), site]);
    const engine = join(site, 'browser/emscripten-engine.mjs');
    await cp(engine, join(site, 'browser/real-engine.mjs'));
    await cp(join(root, 'tests/e2e/lib_fixed_moments.mjs'), join(site, 'browser/fixed_moments.mjs'));
    await writeFile(engine, `import { withFixedMoments } from './fixed_moments.mjs';
      import { makeInstanceOf as make } from './real-engine.mjs';
      export const makeInstanceOf = (...of) => async () => ({ engine: withFixedMoments((await make(...of)()).engine) });`);
    const server = await serveSite({ port, site });
    const chromium = await launch();
    cleanups.push(() => rm(site, { recursive: true, force: true }), () => server.close(), () => chromium.close());
    const page = await chromium.newPage();
    await page.goto(`${base_url}/icon.svg`);
    await page.evaluate(async (kept) => {
      const { Settings } = await import('/browser/browser-settings.mjs');
      await new Settings('lntpay/settings').set('secrets', kept);
    }, JSON.parse(secrets));
    await page.goto(base_url);
    await page.waitForSelector('main:not([hidden])');
    return async (path, { method, headers, body }) => {
      const { status, fields, text } = await page.evaluate(async (where, init) => {
        const answer = await fetch(where, init);
        return { status: answer.status, fields: [...answer.headers], text: await answer.text() };
      }, path, { method, headers, body });
      return { status, headers: new Headers(fields), text: async () => text };
    };
  },
};

/// The server as a separate process.
async function startFixedServe() {
  const data = await mkdtemp(join(tmpdir(), 'lntpay-fixed-'));
  await writeFile(join(data, 'secrets.json'), secrets, { mode: 0o600 });
  const listen = `127.0.0.1:${await freePort()}`;
  const program = spawn(join(root, 'build/dev/fixed_serve'), [listen, base_url, data], { stdio: ['ignore', 'ignore', 'inherit'] });
  cleanups.push(() => rm(data, { recursive: true, force: true }), async () => (program.kill(), once(program, 'close')));
  const url = `http://${listen}`;
  await until('it serves', async () => (await fetch(`${url}/healthz`).catch(() => ({}))).ok);
  return (path, init) => fetch(url + path, init);
}

/// Header fields that come from the connection and not from the engine.
const of_the_connection = ['connection', 'content-encoding', 'content-length', 'date', 'keep-alive', 'transfer-encoding', 'server'];
/// The rest of the rate limit depends on how often the story polled for an outcome.
const steady = (field) => field.replace(/;r=\d+;t=\d+$/, ';r=…');

/// Every response of the story, as text.
async function tell(send) {
  const said = [];
  let key = operator_token;
  const ask = async (method, path, body, headers = {}) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const init = { method, headers: { authorization: `Bearer ${key}`, ...(text !== undefined && { 'content-type': 'application/json' }), ...headers }, body: text };
    const answer = await send(path, init);
    const answered = await answer.text();
    const fields = [...answer.headers].filter(([name]) => !of_the_connection.includes(name)).map(([name, value]) => steady(`${name}: ${value}`)).sort();
    said.push([`${method} ${path}`, answer.status, ...fields, '', answered].join('\n'));
    let json;
    try {
      json = JSON.parse(answered);
    } catch {}
    return { status: answer.status, json, headers: answer.headers };
  };
  const once = (name) => ({ 'idempotency-key': name });

  // Keys and rejections.
  ({ json: { api_keys: { test: key } } } = await ask('POST', '/v1/admin/workspaces', { name: 'the story' }));
  await ask('GET', '/v1/nothing');
  await ask('DELETE', '/v1/charges');
  await ask('POST', '/v1/charges', '{"amount_sats":');
  await ask('POST', '/v1/charges', { amount_sats: 0 });
  await ask('POST', '/v1/charges', { amount_sats: 1, more: true });
  await ask('GET', '/v1/charges/ch_none');
  await ask('GET', '/v1/balance', undefined, { authorization: 'Bearer lnt_test_wrong' });
  // A charge, created once, paid.
  const { json: charge } = await ask('POST', '/v1/charges', { amount_sats: 1_000, description: 'a report', metadata: { order: '7' } }, once('c1'));
  await ask('POST', '/v1/charges', { amount_sats: 1_000, description: 'a report', metadata: { order: '7' } }, once('c1'));
  await ask('POST', '/v1/charges', { amount_sats: 2_000 }, once('c1'));
  await ask('POST', '/v1/bolt11/decode', { bolt11: charge.bolt11 });
  await ask('GET', new URL(charge.checkout_url).pathname);
  await ask('GET', `${new URL(charge.checkout_url).pathname}/qr.svg`);
  await ask('POST', `/v1/sandbox/charges/${charge.id}/pay`, {});
  await ask('GET', `/v1/charges/${charge.id}`);
  await ask('GET', '/v1/charges?status=paid&limit=1');
  await ask('POST', `/v1/charges/${charge.id}/cancel`);
  // An address that wallets pay: its name is a row of another shard.
  const wallet = (url) => ask('GET', new URL(url).pathname + new URL(url).search, undefined, { authorization: '' });
  const { json: link } = await ask('POST', '/v1/pay_links', { name: 'tips', description: 'Tips' }, once('l1'));
  await ask('POST', '/v1/pay_links', { name: 'tips' });
  const { json: offered } = await wallet(`${base_url}/.well-known/lnurlp/tips`);
  const { json: asked } = await wallet(`${offered.callback}?amount=21000&comment=thank%20you`);
  await wallet(asked.verify);
  await ask('POST', '/v1/sandbox/wallet/pay', { bolt11: asked.pr });
  assert.equal((await wallet(asked.verify)).json.settled, true);
  await ask('GET', `/v1/charges?metadata[pay_link]=${link.id}`);
  await ask('DELETE', `/v1/pay_links/${link.id}`);
  assert.equal((await wallet(`${base_url}/.well-known/lnurlp/tips`)).status, 404);
  // A gate.
  const { json: gate } = await ask('POST', '/v1/gates', { price_sats: 5, match: { method: 'GET', path: '/reports/*' } });
  const resource = { 'x-original-method': 'GET', 'x-original-uri': '/reports/7' };
  const offer = (await ask('GET', `/gate/${gate.id}/challenge`, undefined, { ...resource, authorization: '' })).headers.get('www-authenticate');
  const [, token] = /token="([^"]+)"/.exec(offer), [, bolt11] = /invoice="([^"]+)"/.exec(offer);
  const { json: { preimage } } = await ask('POST', '/v1/sandbox/wallet/pay', { bolt11 });
  const credential = { ...resource, authorization: `L402 ${token}:${preimage}` };
  await ask('GET', `/gate/${gate.id}/authorize`, undefined, credential);
  await ask('GET', `/gate/${gate.id}/authorize?unpaid=402`, undefined, credential);  // a second time
  // Withdrawals.
  for (const behavior of ['succeed', 'fail']) {
    const { json: invoice } = await ask('POST', '/v1/sandbox/invoices', { amount_sats: 100, behavior });
    await ask('POST', '/v1/withdrawals/quote', { bolt11: invoice.bolt11 });
    const { json: withdrawal } = await ask('POST', '/v1/withdrawals', { bolt11: invoice.bolt11 }, once(`w-${behavior}`));
    await until(`the end of the withdrawal that should ${behavior}`, async () => {
      const answer = await send(`/v1/withdrawals/${withdrawal.id}`, { method: 'GET', headers: { authorization: `Bearer ${key}` } });
      return /"status":"(succeeded|failed)"/.test(await answer.text());
    });
    await ask('GET', `/v1/withdrawals/${withdrawal.id}`);
    await ask('POST', `/v1/withdrawals/${withdrawal.id}/reconcile`);
  }
  await ask('POST', '/v1/withdrawals', { bolt11: charge.bolt11 }, once('w-own'));
  // Ledger and webhooks. Nothing is delivered before this: deliveries run concurrently and would make commits conflict.
  await ask('POST', '/v1/webhook_endpoints', { url: 'https://shop.example/hooks', event_types: ['charge.paid'] });
  for (const path of ['balance', 'ledger?limit=50', 'ledger/verify', 'events?limit=50', 'sandbox', 'api_keys/current']) await ask('GET', `/v1/${path}`);
  return said;
}

let expected;
before(async () => (expected = await tell(await hosts.component())));

test('the story has only the expected errors', () => {
  const statuses = expected.map((answer) => Number(answer.split('\n')[1]));
  assert.ok(statuses.every((status) => status < 500), statuses.join());
  assert.ok(statuses.filter((status) => status < 300).length >= 27, statuses.join());
  assert.ok(expected.join('\n').includes('"status":"succeeded"') && expected.join('\n').includes('"status":"failed"'));
});

for (const name of ['module', 'lntpay serve', 'wasmtime serve', 'workerd', 'browser']) {
  test(`${name} gives the responses of the component in Node, byte for byte`, async () => {
    const said = await tell(await hosts[name]());
    for (const [i, answer] of said.entries()) {
      let at = 0;
      while (at < answer.length && answer[at] === expected[i][at]) ++at;
      const around = (text) => text.slice(Math.max(0, at - 100), at + 100);
      assert.ok(answer === expected[i], `${answer.split('\n')[0]}: …${around(answer)}… where the component said …${around(expected[i])}…`);
    }
  });
}
