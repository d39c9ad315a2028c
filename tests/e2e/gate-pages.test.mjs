// A page of another origin, in a real Chromium, pays with the unmodified library @getalby/lightning-tools and reads the answer: through
// every form of a gate, on every host.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { launch } from './lib_browser.mjs';
import { makeWallet, skipped, startProxied, startProxy, startService } from './lib_gates.mjs';
import { root, startHost } from './lib.mjs';
import { startServes } from './lib_wasmtime.mjs';
import { startWorkerd } from './lib_workerd.mjs';

const price_sats = 21;
const library = `${root}tests/node_modules/@getalby/lightning-tools/dist/esm/402.js`;
const stops = [];
let browser, site, wallet;

/// The page's own origin: the page, the library, and a wallet.
async function startSite() {
  const server = createServer(async (request, response) => {
    if (request.url === '/402.js') return response.setHeader('content-type', 'text/javascript').end(await readFile(library));
    if (request.url === '/pay') {
      let bolt11 = '';
      for await (const part of request) bolt11 += part;
      return response.end(await wallet.pay(bolt11));
    }
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>a shop elsewhere</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

before(async () => {
  site = await startSite();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  site?.close().closeAllConnections();
  for (const stop of stops.reverse()) await stop();
});
const keep = (started, stop = started.stop) => {
  stops.push(stop);
  return started;
};

/// Answers preflights and sends CORS lines, as the frameworks' middleware does.
function withOwnCors(request, response) {
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
  response.setHeader('access-control-expose-headers', 'Payment-Receipt');
  if (request.method !== 'OPTIONS') return response.end(`report for ${request.url}`);
  const wanted = request.headers['access-control-request-headers'];
  response.writeHead(204, { 'access-control-allow-methods': 'GET, PUT', ...(wanted && { 'access-control-allow-headers': wanted }) }).end();
}

async function makeGate(api, more = {}) {
  const made = await api('POST', '/v1/gates', { price_sats, match: { method: '*', path: '/*' }, ...more });
  assert.equal(made.status, 201, made.text);
  return made.json.id;
}
/// nginx or Caddy in front of a service, asking the gate of a host.
async function behind(proxy, { api, url }, service) {
  return keep(await startProxy(proxy, { gate: await makeGate(api), lntpay: url, service: service.url })).url;
}

/// Each starts what is named: { api, url, service } with `service` where its requests are counted.
const forms = {
  async 'the built-in proxy'() {
    const service = keep(await startService());
    const host = keep(await startProxied({ service }));
    return { api: host.api, url: host.url_proxied, service };
  },
  async 'the built-in proxy, CORS left to the service'() {
    const service = keep(await startService(withOwnCors));
    const host = keep(await startProxied({ service, gate: { cors: 'service' } }));
    return { api: host.api, url: host.url_proxied, service };
  },
  async nginx() {
    const service = keep(await startService(withOwnCors));
    const host = keep(await startHost());
    return { api: host.api, url: await behind('nginx', host, service), service };
  },
  async caddy() {
    const service = keep(await startService(withOwnCors));
    const host = keep(await startHost());
    return { api: host.api, url: await behind('caddy', host, service), service };
  },
  async 'Caddy asking a Worker'() {
    const service = keep(await startService(withOwnCors));
    const host = keep(await startWorkerd());
    return { api: host.api, url: await behind('caddy', host, service), service };
  },
  async "a Worker's gate()"() {
    const host = keep(await startWorkerd());
    const gate = await makeGate(host.api, { match: { method: '*', path: '/reports/*' } });
    return { api: host.api, url: host.url, query: `?gate=${gate}` };
  },
  async '`wasmtime serve` behind Caddy'() {
    const service = keep(await startService(withOwnCors));
    const host = await startServes();
    keep(host, host.stop);
    return { api: host.api, url: await behind('caddy', { api: host.api, url: host.hosts[0].url }, service), service };
  },
};

/// Loads the page and runs the payment in it.
async function payInPage(target, init = {}) {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${site.address().port}/`);
    return await page.evaluate(async (target, init) => {
      const { fetchWithL402 } = await import('/402.js');
      const payInvoice = async ({ invoice }) => ({ preimage: await (await fetch('/pay', { method: 'POST', body: invoice })).text() });
      const answer = await fetchWithL402(target, init, { wallet: { payInvoice } });
      return { status: answer.status, text: await answer.text(), receipt: answer.headers.get('payment-receipt'), origin: location.origin };
    }, target, init);
  } finally {
    await context.close();
  }
}

for (const [name, start] of Object.entries(forms)) {
  const proxy = ['nginx', 'caddy'].find((one) => name.toLowerCase().includes(one));
  test(`a page of another origin pays once and reads the answer: ${name}`, { skip: proxy ? skipped(proxy) : false }, async () => {
    const { api, url, service, query = '' } = await start();
    wallet = makeWallet(api);
    for (const [path, init] of [['/reports/7', {}], ['/reports/8', { method: 'PUT', body: 'a question', headers: { 'x-custom': '1' } }]]) {
      const before = wallet.payments;
      if (service) service.served.length = 0;
      const read = await payInPage(url + path + query, init);
      assert.equal(read.status, 200, read.text);
      assert.match(read.text, /report/);
      assert.equal(wallet.payments, before + 1);
      assert.ok(read.receipt, 'the page can read the receipt');
      const paid = service?.served.filter(({ method }) => method !== 'OPTIONS');
      if (paid) assert.deepEqual(paid.map(({ url, headers }) => [url, headers.authorization]), [[path, undefined]]);
    }
    const balance = await api('GET', '/v1/balance');
    assert.equal(balance.json.available_sats, 2 * price_sats, 'no preflight was priced');
  });
}

test('a page can read why it was refused', async () => {
  const service = keep(await startService());
  const host = keep(await startProxied({ service }));
  wallet = { pay: async () => '00'.repeat(32), payments: 0 };  // a wallet that returns another preimage
  const read = await payInPage(`${host.url_proxied}/reports/7`);
  assert.equal(read.status, 401);
  assert.match(JSON.parse(read.text).detail, /preimage/);
  assert.equal(service.served.length, 0);
});
