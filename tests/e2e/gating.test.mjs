// host-adapters/js/gating.mjs, the gate in front of a handler, on the component in this process: what the handler and the client get,
// preflights, receipts, redirects, and bodies that stall.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { guard } from '../../host-adapters/js/gating.mjs';
import { makeWallet } from './lib_gates.mjs';
import { startNodeHost } from './lib.mjs';

const base = 'http://shop.example';
const report = (request) => new Response(`report for ${new URL(request.url).pathname}`);
let host, buy;

before(async () => {
  host = await startNodeHost();
  ({ buy } = makeWallet(host.api));
});
after(() => host?.close());

/// A gate: visit(path, init) passes a request through it to `serve`, and `seen` is the handler's last request.
async function makeGate(more = {}, serve = report) {
  const made = await host.api('POST', '/v1/gates', { price_sats: 21, match: { method: '*', path: '/*' }, ...more });
  assert.equal(made.status, 201, made.text);
  const gates = { gate: (asked) => host.driver.run({ tag: 'gate', val: asked }), redeemed: (answered) => host.driver.run({ tag: 'redeemed', val: answered }) };
  const gate = {
    seen: undefined,
    serve,
    times: {},
    visit: (path, init = {}) => guard(new Request(base + path, init), {
      gates,
      gate: made.json.id,
      client: '192.0.2.7',
      serve: (request) => gate.serve((gate.seen = request)),
      ...gate.times,
    }),
    buy: async (path, method = 'GET') => buy(await gate.visit(path, { method })),
  };
  return gate;
}

test('a preflight costs nothing and does not reach the handler', async () => {
  const gate = await makeGate();
  const events = async () => (await host.api('GET', '/v1/events?limit=100')).json.data.length;
  const before = await events();
  const asked = { origin: 'https://page.example', 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization,x-custom' };
  for (const headers of [asked, { ...asked, authorization: `L402 x:${'0'.repeat(64)}` }]) {
    const answer = await gate.visit('/reports/7', { method: 'OPTIONS', headers });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.match(answer.headers.get('access-control-allow-methods'), /PUT/);
    assert.match(answer.headers.get('access-control-allow-headers'), /authorization.*x-custom/i);
    assert.equal(answer.headers.get('access-control-allow-credentials'), null);
    assert.equal(answer.headers.get('www-authenticate'), null);
  }
  assert.equal(gate.seen, undefined);
  assert.equal(await events(), before);
});

test('with cors: service a preflight reaches the handler, without a body or a credential', async () => {
  const gate = await makeGate({ cors: 'service' }, () => new Response(null, { status: 204, headers: { 'access-control-allow-origin': 'https://page.example' } }));
  const headers = { origin: 'https://page.example', 'access-control-request-method': 'GET', authorization: `L402 x:${'0'.repeat(64)}` };
  const answer = await gate.visit('/reports/7', { method: 'OPTIONS', headers, body: 'a body' });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers.get('access-control-allow-origin'), 'https://page.example');
  assert.equal(gate.seen.method, 'OPTIONS');
  assert.equal(await gate.seen.text(), '');
  assert.equal(gate.seen.headers.get('authorization'), null);
});

test('pages may read every response, unless the handler decides about CORS', async () => {
  const gate = await makeGate();
  const origin = (answer) => answer.headers.get('access-control-allow-origin');
  const unpaid = await gate.visit('/a');
  assert.deepEqual([unpaid.status, origin(unpaid)], [402, '*']);
  assert.match(unpaid.headers.get('access-control-expose-headers'), /www-authenticate/i);
  const authorization = await buy(unpaid);
  const forged = await gate.visit('/a', { headers: { authorization: authorization.replace(/.{4}$/, '0000') } });
  assert.deepEqual([forged.status, origin(forged)], [401, '*']);
  const paid = await gate.visit('/a', { headers: { authorization } });
  assert.deepEqual([paid.status, origin(paid)], [200, '*']);
  assert.match(paid.headers.get('access-control-expose-headers'), /payment-receipt|\*/i);
  gate.serve = () => new Response('mine', { headers: { 'access-control-allow-origin': 'https://a.example' } });
  assert.equal(origin(await gate.visit('/b', { headers: { authorization: await gate.buy('/b') } })), 'https://a.example');
});

test('a receipt comes with a committed use only', async () => {
  const gate = await makeGate();
  const authorization = await gate.buy('/a');
  for (const status of [500, 404]) {
    gate.serve = () => new Response('no', { status });
    const failed = await gate.visit('/a', { headers: { authorization } });
    assert.deepEqual([failed.status, failed.headers.get('payment-receipt')], [status, null]);
  }
  gate.serve = report;
  const good = await gate.visit('/a', { headers: { authorization, 'payment-receipt': 'mine', payment_receipt: 'mine' } });
  assert.equal(good.status, 200);
  assert.ok(good.headers.get('payment-receipt'));
  for (const name of ['payment-receipt', 'payment_receipt', 'authorization']) assert.equal(gate.seen.headers.get(name), null, name);
  const spent = await gate.visit('/a', { headers: { authorization } });
  assert.equal(spent.status, 402);
  assert.ok(spent.headers.get('www-authenticate'));
});

test('a redirect into the gate opens where it leads; one to elsewhere is the goods', async () => {
  const gate = await makeGate({}, (request) => (new URL(request.url).pathname === '/short' ? new Response(null, { status: 302, headers: { location: '/long' } }) : report(request)));
  const headers = { authorization: await gate.buy('/short') };
  const moved = await gate.visit('/short', { headers, redirect: 'manual' });
  assert.deepEqual([moved.status, moved.headers.get('payment-receipt')], [302, null]);
  const opened = await gate.visit('/long', { headers });
  assert.deepEqual([opened.status, await opened.text()], [200, 'report for /long']);
  assert.equal((await gate.visit('/long', { headers })).status, 402);
  gate.serve = () => new Response(null, { status: 303, headers: { location: 'https://files.example/signed' } });
  const sold = await gate.visit('/file', { headers: { authorization: await gate.buy('/file') } });
  assert.equal(sold.status, 303);
  assert.ok(sold.headers.get('payment-receipt'));
});

test('the cookie of a browser that paid follows a redirect within the gate, beside the handler\'s own', async () => {
  const moved = [['location', '/long'], ['set-cookie', 'own=1']];
  const gate = await makeGate({}, (request) => (request.url.endsWith('/short') ? new Response(null, { status: 302, headers: moved }) : report(request)));
  const page = await gate.visit('/short', { headers: { accept: 'text/html' } });
  const [, bolt11] = /lightning:(ln\w+)/.exec(await page.text());
  assert.equal((await host.api('POST', '/v1/sandbox/wallet/pay', { bolt11 })).status, 200);
  const visit = (path, cookie) => gate.visit(path, { headers: { accept: 'text/html', cookie: cookie.split(';')[0] } });
  const redirect = await visit('/short', page.headers.getSetCookie()[0]);
  assert.equal(redirect.status, 302);
  const [own, ours, ...more] = redirect.headers.getSetCookie();
  assert.deepEqual([own, more], ['own=1', []]);
  assert.match(ours, /^lntpay_gate_.*; HttpOnly; SameSite=Lax; Path=\/long$/);
  assert.equal(await (await visit('/long', ours)).text(), 'report for /long');
  assert.equal((await visit('/long', ours)).status, 402);
});

test('304 releases the use, or commits it where the gate is set so', async () => {
  for (const [more, status] of [[{}, 200], [{ not_modified: 'commit' }, 402]]) {
    const gate = await makeGate(more, () => new Response(null, { status: 304 }));
    const headers = { authorization: await gate.buy('/a') };
    assert.equal((await gate.visit('/a', { headers })).status, 304);
    gate.serve = report;
    assert.equal((await gate.visit('/a', { headers })).status, status);
  }
});

test('HEAD is challenged as GET, and takes no use', async () => {
  const gate = await makeGate({ match: { method: 'GET', path: '/a/*' } });
  const headers = { authorization: await gate.buy('/a/1', 'HEAD') };
  for (const method of ['HEAD', 'HEAD', 'GET']) {
    assert.equal((await gate.visit('/a/1', { method, headers })).status, 200, method);
    assert.equal(gate.seen.method, method);
  }
  assert.equal((await gate.visit('/a/1', { headers })).status, 402);
});

test('credentials in every form are read and kept from the handler; other schemes go there', async () => {
  const gate = await makeGate({ mode: 'pass', ttl_seconds: 600 });
  const credential = await gate.buy('/a');
  const [, token, preimage] = /^L402 (.*):(.*)$/.exec(credential);
  const lsat = `LSAT ${token}:${preimage}`;
  for (const [headers, authorization] of [
    [[['authorization', lsat], ['authorization', credential]], null],
    [[['authorization', `${lsat}, ${credential}`]], null],
    [[['authorization', `Bearer theirs, ${credential}`]], 'Bearer theirs'],
    [[['authorization', credential], ['authorization', 'Basic theirs']], 'Basic theirs'],
  ]) {
    const answer = await gate.visit('/a', { headers });
    assert.equal(answer.status, 200, String(headers));
    assert.equal(gate.seen.headers.get('authorization'), authorization);
  }
  const differing = [['authorization', credential], ['authorization', await gate.buy('/a')]];
  assert.equal((await gate.visit('/a', { headers: differing })).status, 401);
});

test('a request body that stalls ends with 408, and the use is released', async () => {
  const gate = await makeGate({}, async (request) => new Response(await request.text()));
  const headers = { authorization: await gate.buy('/a', 'POST') };
  const stalling = () => new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('half')) });
  for (const times of [{ piece_ms: 50 }, { answer_ms: 50 }]) {
    gate.times = times;
    const answer = await gate.visit('/a', { method: 'POST', headers, body: stalling(), duplex: 'half' });
    assert.equal(answer.status, 408);
    assert.match(await answer.text(), /No use was taken/);
    assert.equal(answer.headers.get('payment-receipt'), null);
  }
  // A slow handler is no stalled client.
  gate.times = { answer_ms: 50 };
  gate.serve = () => new Promise(() => {});
  await assert.rejects(gate.visit('/a', { method: 'POST', headers, body: 'whole' }), /did not respond in time/);
  gate.times = {};
  gate.serve = async (request) => new Response(await request.text());
  const whole = await gate.visit('/a', { method: 'POST', headers, body: 'whole' });
  assert.deepEqual([whole.status, await whole.text()], [200, 'whole']);
});

test('a response whose use cannot be recorded is withheld', async () => {
  const gate = await makeGate();
  const headers = { authorization: await gate.buy('/a') };
  const { run } = host.driver;
  host.driver.run = (input) => (input.tag === 'redeemed' ? Promise.reject(new Error('down')) : run.call(host.driver, input));
  try {
    const withheld = await gate.visit('/a', { headers });
    assert.equal(withheld.status, 503);
    assert.equal(withheld.headers.get('access-control-allow-origin'), '*');
  } finally {
    host.driver.run = run;
  }
});
