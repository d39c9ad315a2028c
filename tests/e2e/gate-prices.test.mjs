// Prices that depend on the request, over real sockets and in front of a handler: metered gates, whose service reports prices afterwards,
// and gates that ask a price_url.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { guard } from '../../host-adapters/js/gating.mjs';
import { startNodeHost, until } from './lib.mjs';
import { makeWallet, startProxied, startService } from './lib_gates.mjs';

const metered = { price_sats: 10, mode: 'metered', max_price_msat: 4_000 };
let service, host, url;

/// Puts a gate in front of the service.
async function use(gate) {
  await host?.stop();
  host = await startProxied({ service, gate, data: host?.data });
  url = host.url_proxied;
}
const redeemed = async () => (await host.api('GET', '/v1/events?types=gate.redeemed&limit=100')).json.data.map(({ data }) => data);
const prices = ({ headers }) => [headers.get('lntpay-price'), headers.get('lntpay-credit')].map((text) => text && Number(text));

before(async () => {
  service = await startService();
});
after(async () => {
  await host?.stop();
  service?.stop();
});

test('behind the proxy a request costs what the service reports, and the rest is credit', async () => {
  await use(metered);
  const headers = { authorization: await host.wallet.buy(await fetch(`${url}/reports/7`)), 'lntpay-max-price': '999999999', lntpay_max_price: '999999999' };
  service.answer = (_, response) => response.writeHead(200, { 'LNTPay-Price': '1500', 'LNTPay-Credit': '99' }).end('a report');
  const first = await fetch(`${url}/reports/7`, { headers });
  assert.equal(await first.text(), 'a report');
  assert.deepEqual(prices(first), [1_500, 8_500]);
  assert.ok(first.headers.get('payment-receipt'));
  assert.equal(service.served.at(-1).headers['lntpay-max-price'], '4000');
  assert.equal(service.served.at(-1).headers.lntpay_max_price, undefined);
  assert.equal(service.served.at(-1).headers['lntpay-body-size'], undefined);

  service.answer = (_, response) => response.writeHead(500, { 'LNTPay-Price': '4000' }).end('no');
  assert.deepEqual(prices(await fetch(`${url}/reports/8`, { headers })), [0, 8_500]);
  service.answer = (_, response) => response.writeHead(200, [['LNTPay-Price', '1'], ['LNTPay-Price', '2']]).end('two prices are none');
  assert.deepEqual(prices(await fetch(`${url}/reports/8`, { headers })), [4_000, 4_500]);
  service.answer = (_, response) => response.end('no price');
  assert.deepEqual(prices(await fetch(`${url}/reports/8`, { headers })), [4_000, 500]);
  const refused = await fetch(`${url}/reports/8`, { headers });
  assert.equal(refused.status, 402);
  assert.match((await refused.json()).detail, /credit is spent/);
  assert.deepEqual((await redeemed()).map(({ price_msat }) => price_msat), [1_500, 4_000, 4_000]);
});

test('requests at once never spend more than was paid', async () => {
  const headers = { authorization: await host.wallet.buy(await fetch(`${url}/reports/7`)) };
  const before = (await redeemed()).length;
  const waiting = [];
  service.answer = (_, response) => waiting.push(() => response.writeHead(200, { 'lntpay-price': '4000' }).end());
  let refused = 0;
  const all = Array.from({ length: 12 }, async (_, i) => {
    const { status } = await fetch(`${url}/reports/${i}`, { headers });
    if (status === 409) refused += 1;
    return status;
  });
  await until('all but three are refused', () => refused === 9);
  await until('three, of 4,000, 4,000 and 2,000, are served', () => waiting.length === 3);
  for (const answer of waiting) answer();
  const statuses = await Promise.all(all);
  assert.equal(statuses.filter((status) => status === 200).length, 3);
  const spent = (await redeemed()).slice(before).reduce((sum, { price_msat }) => sum + price_msat, 0);
  assert.equal(spent, 10_000);
});

test('a price_url is asked with method, path and size; without its answer nothing is free', async () => {
  const questions = [];
  let priced = async (question) => ({ price_sats: 1 + Math.ceil((question.size ?? 1_000_000) / 1_000) });
  const pricing = await startService(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    questions.push(JSON.parse(text));
    const answer = await priced(questions.at(-1));
    response.writeHead(answer ? 200 : 500, { 'cache-control': 'no-store' }).end(JSON.stringify(answer ?? {}));
  });
  await use({ price_sats: 2_000, price_url: `${pricing.url}/price` });
  service.answer = (request, response) => request.resume().on('end', () => response.end('found'));
  const post = (size, headers = {}) => fetch(`${url}/search?q=1`, { method: 'POST', body: 'x'.repeat(size), headers: { 'lntpay-body-size': '1', ...headers } });
  const refused = await post(5_000);
  assert.equal((await refused.clone().json()).price_sats, 6);
  assert.deepEqual(questions.at(-1), { gate_id: host.gate, method: 'POST', path: '/search', size: 5_000 });
  const authorization = await host.wallet.buy(refused);

  const larger = await post(5_001, { authorization });
  assert.equal(larger.status, 402);
  assert.equal((await larger.json()).price_sats, 7);
  const chunked = await fetch(`${url}/search`, { method: 'POST', body: new Blob(['x']).stream(), duplex: 'half', headers: { authorization } });
  assert.equal(chunked.status, 402);
  assert.equal((await chunked.json()).price_sats, 1_001);
  assert.equal(questions.at(-1).size, null);
  priced = async () => undefined;
  const unavailable = await post(1);
  assert.equal(unavailable.status, 503);
  assert.equal((await unavailable.json()).error.code, 'price_unavailable');
  assert.equal(unavailable.headers.get('retry-after'), '5');
  priced = () => new Promise(() => {});  // it never answers
  const began = Date.now();
  assert.equal((await post(1)).status, 503);
  assert.ok(Date.now() - began < 9_000, 'the question has a limit of time');
  // What was paid for is served, without another question.
  assert.equal(await (await post(5_000, { authorization })).text(), 'found');
  pricing.stop();
});

test('in front of a handler the same holds', async () => {
  const node = await startNodeHost();
  try {
    const { buy } = makeWallet(node.api);
    const gates = { gate: (asked) => node.driver.run({ tag: 'gate', val: asked }), redeemed: (answered) => node.driver.run({ tag: 'redeemed', val: answered }) };
    const made = await node.api('POST', '/v1/gates', { match: { method: '*', path: '/*' }, ...metered });
    let seen;
    const visit = (init, price) => guard(new Request('http://shop.example/reports/7', init), {
      gates, gate: made.json.id, client: '192.0.2.7',
      serve: (request) => {
        seen = request;
        return new Response('a report', { headers: price === undefined ? {} : { 'lntpay-price': price } });
      },
    });
    const headers = { authorization: await buy(await visit({})) };
    assert.deepEqual(prices(await visit({ headers }, '700')), [700, 9_300]);
    assert.equal(seen.headers.get('lntpay-max-price'), '4000');
    assert.deepEqual(prices(await visit({ headers }, '-1')), [4_000, 5_300]);
    assert.deepEqual(prices(await visit({ headers })), [4_000, 1_300]);
    assert.deepEqual(prices(await visit({ headers }, '9999')), [1_300, 0]);
    assert.equal((await visit({ headers })).status, 402);
  } finally {
    await node.close();
  }
});
