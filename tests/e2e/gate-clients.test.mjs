// Paying clients, published and unmodified, at a gate: each pays once, keeps its credential as it is made to, and buys again, once, when
// what it bought has run out.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import axios from 'axios';
import l402 from 'l402';
import { Credential, Method, z } from 'mppx';
import { Mppx } from 'mppx/client';
import { startProxied, startService } from './lib_gates.mjs';
import { root } from './lib.mjs';

const uses = 3;
const price_sats = 21;
const payers = join(root, 'tests/e2e/payers');
let service, host, url, api, wallet;

before(async () => {
  service = await startService();
  host = await startProxied({ service, gate: { price_sats, mode: 'pass', uses, ttl_seconds: 600 } });
  ({ api, wallet, url_proxied: url } = host);
});
after(async () => {
  await host?.stop();
  service?.stop();
});

const balance = async () => (await api('GET', '/v1/balance')).json.available_sats;
/// Ends every pass that was bought so far.
const expire = async () => assert.equal((await api('POST', '/v1/sandbox/clock/advance', { ms: 7_200_000 })).status, 200);

/// Buys by `get(path)`, which returns {status, body, payments}: a pass of three uses, another when they are spent, a third when the
/// second has expired.
async function buysAgain(name, get) {
  const before = await balance();
  const expected = [1, 1, 1, 2, 2];
  for (const payments of expected) assert.deepEqual(await get(`/${name}`), { status: 200, body: `report for /${name}`, payments });
  await expire();
  assert.equal((await get(`/${name}`)).payments, 3);
  assert.equal((await get(`/${name}`)).payments, 3);
  assert.equal(await balance(), before + 3 * price_sats);
}

/// A program of tests/e2e/payers: get(line), end().
function startPayer(command, args) {
  const environment = { ...process.env, PYTHONPATH: join(root, 'build/python-tests'), LNTPAY_BASE_URL: host.env.LNTPAY_BASE_URL, LNTPAY_API_KEY: host.env.LNTPAY_API_KEY };
  const child = spawn(command, args, { env: environment });
  let complaints = '';
  child.stderr.on('data', (text) => (complaints += text));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async get(line) {
      child.stdin.write(`${line}\n`);
      const { value, done } = await lines.next();
      assert.ok(!done, complaints);
      return JSON.parse(value);
    },
    end: () => child.stdin.end(),
  };
}

test('npm l402 keeps its credential, and buys again when it has run out', async () => {
  const before = wallet.payments;
  class SandboxWallet extends l402.Wallet {
    payInvoice = async (invoice) => new l402.PaymentResult(await wallet.pay(invoice), true);
  }
  const client = axios.create({ validateStatus: (status) => status === 200 });
  l402.setupL402Interceptor(client, new SandboxWallet(), new l402.MemoryTokenStore());
  await buysAgain('npm-l402', async (path) => {
    const { status, data: body } = await client.get(url + path);
    return { status, body, payments: wallet.payments - before };
  });
});

test('npm l402 with one credential per host pays for each path', async (t) => {
  const per_request = await startProxied({ service });
  t.after(() => per_request.stop());
  const payInvoice = async (invoice) => new l402.PaymentResult(await per_request.wallet.pay(invoice), true);
  const client = axios.create();
  l402.setupL402Interceptor(client, { payInvoice }, new l402.MemoryTokenStore({ keyMode: 'hostname-only' }));
  for (const path of ['/a/1', '/a/2']) assert.equal((await client.get(per_request.url_proxied + path)).data, `report for ${path}`);
  assert.equal(per_request.wallet.payments, 2);
});

test('PyPI l402-requests keeps its credential, and buys again when it has run out', async (t) => {
  const payer = startPayer('python3', [join(payers, 'requests_payer.py')]);
  t.after(() => payer.end());
  await buysAgain('l402-requests', (path) => payer.get(url + path));
});

test('npm mppx, which retries on 402, pays once', async () => {
  const before = wallet.payments;
  const charge = Method.from({
    name: 'lightning',
    intent: 'charge',
    schema: { credential: { payload: z.object({ preimage: z.string() }) }, request: z.object({ amount: z.string(), currency: z.string() }) },
  });
  const lightning = Method.toClient(charge, {
    async createCredential({ challenge }) {
      return Credential.serialize({ challenge, payload: { preimage: await wallet.pay(challenge.request.methodDetails.invoice) } });
    },
  });
  const client = Mppx.create({ methods: [lightning], polyfill: false });
  for (const [i, path] of ['/mppx/1', '/mppx/2', '/mppx/1'].entries()) {
    const answer = await client.fetch(url + path);
    assert.deepEqual([answer.status, await answer.text()], [200, `report for ${path}`]);
    assert.equal(wallet.payments - before, i + 1);  // it keeps no credential
  }
  // The challenge was open when its gate was revoked, and is paid later.
  const late = Method.toClient(charge, {
    async createCredential(asked) {
      assert.equal((await api('POST', `/v1/gates/${host.gate}/revoke`)).status, 200);
      return lightning.createCredential(asked);
    },
  });
  const answer = await Mppx.create({ methods: [late], polyfill: false }).fetch(`${url}/mppx/late`);
  assert.equal(answer.status, 200, await answer.text());
  assert.equal(wallet.payments - before, 4);
});

const aperture = join(root, 'build/aperture-payer');
const without_go = spawnSync('go', ['version']).error && !existsSync(aperture) ? 'Go is not installed' : false;

test("Aperture's client pays once; each of its forms unlocks", { skip: without_go }, async (t) => {
  const payer = startPayer(aperture, []);
  t.after(() => payer.end());
  for (const form of ['', 'rest ', 'lines ']) {
    service.served.length = 0;
    assert.deepEqual(await payer.get(`${form}${url}/aperture`), { status: 200, body: 'report for /aperture', payments: 1 });
    const { headers } = service.served[0];
    for (const name of ['authorization', 'macaroon', 'grpc-metadata-macaroon']) assert.equal(headers[name], undefined, name);
  }
});
