// The fetch that pays, of the TypeScript package: both schemes, what it keeps, its budget, and servers that ask for money they should not get.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { makeWallet, startProxied, startService } from './lib_gates.mjs';
import { root } from './lib.mjs';
import { listen, sdk } from './lib_sdk.mjs';

const price_sats = 21;
let service, host, url, wallet;

before(async () => {
  service = await startService();
  host = await startProxied({ service });
  ({ wallet, url_proxied: url } = host);
});
after(async () => {
  await host?.stop();
  service?.stop();
});

const ample = { perRequestSats: 100, totalSats: 10_000 };
/// A paying fetch with the sandbox's wallet: `paid` holds the invoices.
function payingWith(options = {}) {
  const paid = [];
  const payer = async (invoice) => {
    paid.push(invoice);
    return wallet.pay(invoice);
  };
  return Object.assign(sdk.payingFetch({ payer, budget: ample, ...options }), { paid });
}

/// An origin whose responses `answer(request, n)` makes.
async function originOf(t, answer) {
  let n = 0;
  const { url: origin, close } = await listen((request, response) => answer(request, response, (n += 1)));
  t.after(close);
  return origin;
}

/// The headers that the gate sends with a 402, for servers of the test.
const offers = async (path = '/offer') => (await fetch(url + path)).headers.get('www-authenticate');
const only = (scheme, line) => (scheme === 'L402' ? line.slice(0, line.indexOf(', Payment ')) : line.slice(line.indexOf('Payment ')));

test('a request is paid once, and again when its use is spent', async () => {
  const paying = payingWith();
  for (const payments of [1, 2]) {
    const answer = await paying(`${url}/reports/7?q=1`);
    assert.deepEqual([answer.status, await answer.text()], [200, 'report for /reports/7?q=1']);
    assert.equal(paying.paid.length, payments);
    assert.equal(paying.spentMsat, payments * price_sats * 1_000);
  }
  assert.equal((await paying(`${url}/reports/8`)).status, 200);
  assert.equal(paying.paid.length, 3);
});

test('a POST is sent with its body again', async () => {
  const bodies = [];
  service.answer = async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    bodies.push(body);
    response.end('sold');
  };
  const paying = payingWith();
  const form = new FormData();
  form.set('question', 'tides');
  for (const body of ['text', new TextEncoder().encode('bytes'), new Blob(['blob']), form, new URLSearchParams({ a: 'b' })]) {
    assert.equal(await (await paying(`${url}/ask`, { method: 'POST', body })).text(), 'sold');
  }
  const request = new Request(`${url}/ask`, { method: 'POST', body: 'of a Request' });
  assert.equal((await paying(request)).status, 200);
  assert.deepEqual([bodies.length, bodies[0], bodies[1], bodies[2], bodies[5]], [6, 'text', 'bytes', 'blob', 'of a Request']);
  assert.match(bodies[3], /tides/);
  service.answer = (asked, response) => response.end(`report for ${asked.url}`);
});

test('a pass is bought once and used until it is spent', async (t) => {
  const at = await startProxied({ service, gate: { mode: 'pass', uses: 3, ttl_seconds: 600 } });
  t.after(() => at.stop());
  const paying = sdk.payingFetch({ payer: (invoice) => at.wallet.pay(invoice), budget: ample });
  for (const payments of [1, 1, 1, 2]) {
    assert.equal((await paying(`${at.url_proxied}/pass`)).status, 200);
    assert.equal(at.wallet.payments, payments);
  }
});

test('either scheme opens a gate, and beside an own Authorization the scheme Payment does', async (t) => {
  const seen = [];
  service.answer = (request, response) => {
    seen.push(request.headers.authorization);
    response.end('sold');
  };
  for (const scheme of ['L402', 'Payment']) {
    // The gate, with one of its two offers.
    const relayed = await originOf(t, async (request, response) => {
      const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => /authorization$/.test(name)));
      const answer = await fetch(url + request.url, { headers });
      const line = answer.headers.get('www-authenticate');
      response.writeHead(answer.status, line ? { 'www-authenticate': only(scheme, line) } : {}).end(await answer.text());
    });
    const paying = payingWith();
    assert.equal(await (await paying(`${relayed}/one-scheme`)).text(), 'sold', scheme);
    assert.equal(paying.paid.length, 1);
  }
  const beside = payingWith();
  assert.equal((await beside(`${url}/beside`, { headers: { authorization: 'Bearer own' } })).status, 200);
  assert.deepEqual([seen.at(-1), beside.paid.length], ['Bearer own', 1]);
  service.answer = (request, response) => response.end(`report for ${request.url}`);
});

test('requests at once each pay for their own use', async () => {
  const paying = payingWith();
  const answers = await Promise.all(Array.from({ length: 8 }, () => paying(`${url}/at-once`)));
  assert.deepEqual(answers.map(({ status }) => status), Array(8).fill(200));
  assert.equal(paying.paid.length, 8);
  assert.equal(new Set(paying.paid).size, 8);
});

test('the budget stops a payment before the payer is called', async () => {
  const dear = payingWith({ budget: { perRequestSats: 20, totalSats: 1_000 } });
  await assert.rejects(dear(`${url}/dear`), { name: 'PaymentError', reason: 'budget', message: /21 sats, more than perRequestSats/ });
  const poor = payingWith({ budget: { perRequestSats: 21, totalSats: 50 } });
  const statuses = await Promise.allSettled([1, 2, 3, 4].map((i) => poor(`${url}/poor/${i}`)));
  assert.deepEqual(statuses.map(({ status }) => status).sort(), ['fulfilled', 'fulfilled', 'rejected', 'rejected']);
  assert.deepEqual([dear.paid.length, dear.spentMsat, poor.paid.length, poor.spentMsat], [0, 0, 2, 42_000]);
  for (const budget of [undefined, {}, { perRequestSats: 1 }, { perRequestSats: NaN, totalSats: 1 }, { perRequestSats: -1, totalSats: 1 }]) {
    assert.throws(() => sdk.payingFetch({ payer: async () => '', budget }), TypeError);
  }
});

test('a payer that surely did not pay frees the budget; one that may have keeps it, and is not called again', async () => {
  let calls = 0;
  const unpaid = payingWith({ payer: async () => { throw new sdk.PaymentError('not_paid', 'No route.'); } });
  await assert.rejects(unpaid(`${url}/no-route`), { reason: 'not_paid' });
  assert.equal(unpaid.spentMsat, 0);
  const lost = payingWith({ payer: async () => { calls += 1; throw new Error('timed out'); } });
  for (const _ of [1, 2, 3]) await assert.rejects(lost(`${url}/lost`), { reason: 'unknown', paymentHash: /^[0-9a-f]{64}$/ });
  assert.deepEqual([calls, lost.spentMsat], [1, 21_000]);
  for (const preimage of ['0'.repeat(64), 'no hex', undefined, null]) {
    const lying = payingWith({ payer: async () => preimage });
    await assert.rejects(lying(`${url}/lying`), { reason: 'unknown' });
  }
});

test('a payment whose outcome was unknown is found again by its hash, also by the next process', async () => {
  const store = new Map();
  const preimages = new Map();
  const payer = async (invoice, { paymentHash }) => {
    preimages.set(paymentHash, await wallet.pay(invoice));
    throw new Error('the connection to the wallet broke');
  };
  const first = payingWith({ payer, store });
  await assert.rejects(first(`${url}/found`), { reason: 'unknown' });
  const asked = [];
  const lookup = async (hash) => (asked.push(hash), asked.length > 1 ? preimages.get(hash) : undefined);
  const second = payingWith({ store, lookup });
  await assert.rejects(second(`${url}/found`), { reason: 'unknown' });
  assert.equal(await (await second(`${url}/found`)).text(), 'report for /found');
  assert.deepEqual([second.paid.length, preimages.size, asked.length], [0, 1, 2]);
});

test('a response that is lost after the payment is asked for again without another one', async (t) => {
  let lose = true;
  const losing = await originOf(t, async (request, response) => {
    const { authorization } = request.headers;
    if (authorization && lose) return response.destroy();  // before it reaches the gate
    const answer = await fetch(url + request.url, { headers: authorization ? { authorization } : {} });
    const line = answer.headers.get('www-authenticate');
    response.writeHead(answer.status, line ? { 'www-authenticate': line } : {}).end(await answer.text());
    return undefined;
  });
  const paying = payingWith();
  await assert.rejects(paying(`${losing}/kept`), TypeError);
  lose = false;
  assert.equal((await paying(`${losing}/kept`)).status, 200);
  assert.equal(paying.paid.length, 1);
});

test('requests at once whose responses are lost are each asked for again without another payment', async (t) => {
  let lose = true;
  const losing = await originOf(t, async (request, response) => {
    const { authorization } = request.headers;
    if (authorization && lose) return response.destroy();
    const answer = await fetch(url + request.url, { headers: authorization ? { authorization } : {} });
    const line = answer.headers.get('www-authenticate');
    response.writeHead(answer.status, line ? { 'www-authenticate': line } : {}).end(await answer.text());
    return undefined;
  });
  const paying = payingWith();
  const lost = await Promise.allSettled([1, 2, 3, 4].map(() => paying(`${losing}/all-lost`)));
  assert.ok(lost.every(({ status }) => status === 'rejected'));
  const payments = paying.paid.length;
  lose = false;
  for (let i = 0; i < payments; i += 1) assert.equal((await paying(`${losing}/all-lost`)).status, 200);
  assert.equal(paying.paid.length, payments);
  assert.equal((await paying(`${losing}/all-lost`)).status, 200);
  assert.equal(paying.paid.length, payments + 1);
});

test('a use that is being served is waited for, and not paid for again', async (t) => {
  let served = 0;
  const store = new Map();
  const line = await offers('/busy');
  const busy = await originOf(t, (request, response) => {
    if (!request.headers.authorization) return response.writeHead(402, { 'www-authenticate': line }).end();
    served += 1;
    return served <= 2 ? response.writeHead(409, { 'retry-after': '1' }).end() : response.end('sold');
  });
  const paying = payingWith({ store });
  assert.equal(await (await paying(`${busy}/busy`)).text(), 'sold');
  assert.deepEqual([served, paying.paid.length], [3, 1]);
});

test('a server that always asks for money gets one payment for a request, and no invoice is paid twice', async (t) => {
  const same = await offers('/greedy');
  const greedy = await originOf(t, (request, response) => response.writeHead(402, { 'www-authenticate': same }).end());
  const paying = payingWith();
  assert.equal((await paying(`${greedy}/a`)).status, 402);
  await assert.rejects(paying(`${greedy}/a`), { reason: 'refused' });
  await assert.rejects(paying(`${greedy}/b`), { reason: 'refused' });
  assert.equal(paying.paid.length, 1);

  const fresh = await originOf(t, async (request, response) => response.writeHead(402, { 'www-authenticate': await offers(`/fresh/${randomBytes(4).toString('hex')}`) }).end());
  const tricked = payingWith({ budget: { perRequestSats: 21, totalSats: 63 } });
  for (const _ of [1, 2, 3]) assert.equal((await tricked(`${fresh}/c`)).status, 402);
  await assert.rejects(tricked(`${fresh}/c`), { reason: 'budget' });
  assert.equal(tricked.paid.length, 3);
});

test('what is no offer is not paid', async (t) => {
  const good = await offers('/no-offer');
  const invoice = /invoice="([^"]+)"/.exec(good)[1];
  const changed = invoice.slice(0, -1) + (invoice.endsWith('q') ? 'p' : 'q');
  const without_amount = 'lnbc1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdpl2pkx2ctnv5sxxmmwwd5kgetjypeh2ursdae8g6twvus8g6rfwvs8qun0dfjkxaq9qrsgq357wnc5r2ueh7ck6q93dj32dlqnls087fxdwk8qakdyafkq3yap9us6v52vjjsrvywa6rt52cm9r9zqt8r2t7mlcwspyetp5h2tztugp9lfyql';
  const lines = {
    'no header': undefined,
    'another scheme': 'Digest nonce="x"',
    'no invoice': good.replace(/invoice="[^"]*"/, 'x="y"').replace(/, Payment .*/, ''),
    'a damaged invoice': `L402 macaroon="AAAA", invoice="${changed}"`,
    'an invoice without an amount': `L402 macaroon="AAAA", invoice="${without_amount}"`,
    'an invoice that has expired': `L402 macaroon="AAAA", invoice="lnbc2500u1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4jsxqzpu9qrsgquk0rl77nj30yxdy8j9vdx85fkpmdla2087ne0xh8nhedh8w27kyke0lp53ut353s06fv3qfegext0eh0ymjpf39tuven09sam30g4vgpfna3rh"`,
    'a Payment request that is no JSON': 'Payment id="a", method="lightning", intent="charge", request="AAAA"',
    'quotes without an end': 'L402 macaroon="AAAA, invoice="',
    'thirty thousand commas': ','.repeat(30_000).slice(0, 8_000),
    'parameters of no scheme': 'macaroon="AAAA", invoice="x"',
  };
  for (const [name, line] of Object.entries(lines)) {
    const origin = await originOf(t, (request, response) => response.writeHead(402, line === undefined ? {} : { 'www-authenticate': line }).end());
    const paying = payingWith();
    await assert.rejects(paying(`${origin}/x`), { name: 'PaymentError', reason: 'challenge' }, name);
    assert.deepEqual([paying.paid.length, paying.spentMsat], [0, 0], name);
  }
});

test('a credential goes to the resource that it was bought for, and to no other', async (t) => {
  const seen = [];
  const other = await originOf(t, (request, response) => {
    seen.push([request.url, request.headers.authorization]);
    response.end('other');
  });
  const paying = payingWith();
  assert.equal((await paying(`${url}/mine`)).status, 200);
  await paying(`${other}/mine`);
  assert.deepEqual(seen, [['/mine', undefined]]);
  // A 402 behind a redirect is paid for where it was sent.
  const redirecting = await originOf(t, (request, response) => {
    seen.push([request.url, request.headers.authorization]);
    response.writeHead(302, { location: `${url}/behind` }).end();
  });
  assert.equal(await (await paying(`${redirecting}/way`)).text(), 'report for /behind');
  assert.deepEqual(seen.at(-1), ['/way', undefined]);
});

test('a credential that the gate rejects is dropped; the 401 of a service drops none', async (t) => {
  const line = await offers('/rejected');
  let status = 401, challenge = {};
  const store = new Map();
  const origin = await originOf(t, (request, response, n) => {
    if (n === 1) return response.writeHead(402, { 'www-authenticate': line }).end();
    return response.writeHead(status, challenge).end();
  });
  const paying = payingWith({ store });
  assert.equal((await paying(`${origin}/r`)).status, 401);
  assert.equal(store.size, 1, 'the service asks for its own login');
  challenge = { 'www-authenticate': line };
  assert.equal((await paying(`${origin}/r`)).status, 401);
  assert.equal(store.size, 0);
  status = 200;
  assert.equal(paying.paid.length, 1);
});

test("the invoices of BOLT 11's specification are read as it specifies", (t) => {
  const file = `${process.env.LNTPAY_VECTORS ?? `${root}../shared/vectors`}/bolt11_spec_vectors.json`;
  if (!existsSync(file)) return t.skip(`${file} is not here`);
  const { valid } = JSON.parse(readFileSync(file, 'utf8'));
  assert.ok(valid.length > 10);
  for (const { title, invoice, payment_hash, amount_msat, timestamp, expiry } of valid) {
    const expected = { bolt11: invoice.toLowerCase(), ...(amount_msat !== null && { amountMsat: amount_msat }), paymentHash: payment_hash, expiresAt: (timestamp + expiry) * 1_000 };
    assert.deepEqual(sdk.readInvoice(invoice), expected, title);
  }
  return undefined;
});

test('the hash and amount of an invoice are those of the server', async () => {
  const { invoice, payment_hash, price_sats: sats } = await (await fetch(`${url}/read`)).json();
  const read = sdk.readInvoice(invoice);
  assert.deepEqual([read.paymentHash, read.amountMsat], [payment_hash, sats * 1_000]);
  assert.ok(Math.abs(read.expiresAt - Date.now() - 600_000) < 5_000);
  assert.equal(sdk.readInvoice(invoice.toUpperCase()).paymentHash, payment_hash);
  const preimage = await wallet.pay(invoice);
  assert.equal(createHash('sha256').update(Buffer.from(preimage, 'hex')).digest('hex'), read.paymentHash);
  for (let i = 4; i < invoice.length; i += 7) {
    const other = invoice[i] === 'q' ? 'p' : 'q';
    assert.equal(sdk.readInvoice(invoice.slice(0, i) + other + invoice.slice(i + 1)), undefined, `a changed character at ${i}`);
  }
});
