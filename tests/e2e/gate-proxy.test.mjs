// The built-in reverse proxy: a gate in front of a real HTTP service, over real sockets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, Agent } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch } from './lib_browser.mjs';
import { sendRaw, startProxied, startService } from './lib_gates.mjs';
import { until } from './lib.mjs';

let host, api, buy, service, gate, url, data;
const report = (request, response) => response.end(`report for ${request.url}`);

/// Takes the place of the host so far.
function use(started) {
  host = started;
  ({ api, gate, data, url_proxied: url, wallet: { buy } } = host);
}
before(async () => {
  service = await startService(report);
  use(await startProxied({ service, gate: { mode: 'pass', uses: 1_000, ttl_seconds: 3_600 } }));
});
after(async () => {
  await host?.stop();
  service?.stop();
});

let bought;
const pass = async () => (bought ??= await buy(await fetch(`${url}/first`)));
const get = async (path, init = {}) => fetch(url + path, { ...init, headers: { authorization: await pass(), ...init.headers } });
const eventCount = async (type) => (await api('GET', `/v1/events?types=gate.${type}&limit=100`)).json.data.length;
/// Checks by how much `what` changes the number of commits and releases.
async function counts(redeemed, released, what) {
  const before = [await eventCount('redeemed'), await eventCount('released')];
  await what();
  const now = async () => [(await eventCount('redeemed')) - before[0], (await eventCount('released')) - before[1]];
  await until('the events of the use', async () => String(await now()) === String([redeemed, released]));
  await sleep(50); // no other use changes
  assert.deepEqual(await now(), [redeemed, released]);
}
const raw = (bytes, enough) => sendRaw(url, bytes, enough);

test('402 with an offer; paid, it is served and the use committed', async () => {
  const refused = await fetch(`${url}/reports/7?page=2`);
  assert.equal(refused.status, 402);
  service.served.length = 0;
  await counts(1, 0, async () => {
    const good = await get('/reports/7?page=2', { headers: { 'lntpay-redemption-id': 'rdm_forged', 'lntpay-gate': 'gate_other', lntpay_redemption_id: 'rdm_forged', 'x-forwarded-for': '198.51.100.7' } });
    assert.equal(good.status, 200);
    assert.equal(await good.text(), 'report for /reports/7?page=2');
    assert.ok(good.headers.get('payment-receipt'));
    assert.equal(good.headers.get('cache-control'), 'private');
  });
  assert.equal(service.served.length, 1);
  const { headers } = service.served[0];
  assert.match(headers['lntpay-redemption-id'], /^rdm_[0-9A-Za-z]{28}$/);
  assert.match(headers['lntpay-reservation'], /^\d+$/);
  assert.equal(headers['lntpay-gate'], undefined);
  assert.equal(headers.lntpay_redemption_id, undefined);
  assert.equal(headers.authorization, undefined, 'the credential is the gate\'s, not the service\'s');
  assert.equal(headers['x-forwarded-for'], '198.51.100.7, 127.0.0.1');
  assert.equal(headers.host, new URL(url).host);
});

test('an unpaid request with a body still gets the 402', async () => {
  const refused = await fetch(`${url}/reports`, { method: 'POST', body: Buffer.alloc(500_000, 'x') });
  assert.equal(refused.status, 402);
  assert.equal((await refused.json()).price_sats, 21);
});

test('an invalid or missing response releases the use', async () => {
  for (const status of [404, 500]) {
    service.answer = (_, response) => response.writeHead(status).end('no');
    await counts(0, 1, async () => assert.equal((await get('/reports/7')).status, status));
  }
  service.answer = (request) => request.socket.destroy();
  await counts(0, 1, async () => {
    const broken = await get('/reports/7', { method: 'POST', body: 'x' });
    assert.equal(broken.status, 502);
    assert.match((await broken.json()).detail, /The payment remains valid/);
  });
  for (const [location, redeemed, released] of [['/reports/8', 0, 1], ['https://files.example/signed', 1, 0]]) {
    service.answer = (_, response) => response.writeHead(302, { location }).end();
    await counts(redeemed, released, async () => assert.equal((await get('/reports/7', { redirect: 'manual' })).status, 302));
  }
  service.answer = report;
});

test('bodies stream both ways, large ones too', async () => {
  const large = Buffer.alloc(8 * 1024 * 1024, 'lightning ');
  service.answer = async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    response.end(Buffer.concat(parts));
  };
  const echoed = await get('/echo', { method: 'POST', body: large });
  assert.ok(Buffer.from(await echoed.arrayBuffer()).equals(large));
  const chunked = await get('/echo', { method: 'POST', body: new Blob([large]).stream(), duplex: 'half' });
  assert.ok(Buffer.from(await chunked.arrayBuffer()).equals(large));
  // A service that echoes while it receives: more bytes than fit into any buffer in between.
  service.answer = (request, response) => request.pipe(response);
  const piped = await get('/pipe', { method: 'POST', body: large });
  assert.ok(Buffer.from(await piped.arrayBuffer()).equals(large));
  // A service that rejects the body responds before it has read it.
  service.answer = (_, response) => response.writeHead(413).end('too large');
  const early = await get('/early', { method: 'POST', body: large });
  assert.equal(early.status, 413);
  assert.equal(await early.text(), 'too large');
  // The first piece arrives before the second is produced.
  let go_on;
  service.answer = async (_, response) => {
    response.write('first');
    await new Promise((done) => (go_on = done));
    response.end('second');
  };
  const reader = (await get('/slowly')).body.getReader();
  assert.equal(Buffer.from((await reader.read()).value).toString(), 'first');
  go_on();
  assert.equal(Buffer.from((await reader.read()).value).toString(), 'second');
  service.answer = report;
});

test('service connections are reused; one closed meanwhile fails no request', async () => {
  await get('/warm').then((response) => response.text());
  service.sockets.clear();
  for (let i = 0; i < 20; i += 1) assert.equal((await get(`/${i}`)).status, 200);
  assert.ok(service.sockets.size <= 2, `${service.sockets.size} connections for 20 requests`);
  service.server.closeIdleConnections();
  for (const socket of service.sockets) socket.destroy();
  await sleep(50);
  assert.equal((await get('/again')).status, 200);
});

test('hop-by-hop fields stay, and each side has its own framing', async () => {
  service.served.length = 0;
  service.answer = (_, response) => response.writeHead(200, { connection: 'x-secret, keep-alive', 'x-secret': '1', 'x-open': '2', 'keep-alive': 'timeout=9' }).end('ok');
  const agent = new Agent();
  const seen = await new Promise(async (done, failed) => {
    const headers = { authorization: await pass(), connection: 'x-mine', 'x-mine': '1', 'x-theirs': '2', te: 'trailers', 'proxy-authorization': 'Basic x', 'proxy-connection': 'close' };
    httpRequest(`${url}/hops`, { agent, headers }, (response) => done(response.resume())).on('error', failed).end();
  });
  assert.equal(seen.headers['x-secret'], undefined);
  assert.equal(seen.headers['x-open'], '2');
  const { headers } = service.served[0];
  for (const name of ['x-mine', 'te', 'proxy-authorization', 'proxy-connection']) assert.equal(headers[name], undefined, name);
  assert.equal(headers['x-theirs'], '2');
  agent.destroy();
  service.answer = report;
});

test('HEAD, HTTP/1.0, 100-continue and pipelined requests', async () => {
  const authorization = `Authorization: ${await pass()}\r\n`;
  const head = await raw(`HEAD /reports/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${authorization}\r\n`);
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  const old = await raw(`GET /old HTTP/1.0\r\n${authorization}\r\n`);
  assert.match(old, /^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n\r\nreport for \/old$/);
  service.answer = async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    response.end(`got ${body}`);
  };
  const careful = await raw(`POST /careful HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n${authorization}\r\nbody`, 'got body');
  assert.match(careful, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*got body$/);
  service.answer = report;
  const two = await raw(`GET /one HTTP/1.1\r\nHost: a\r\n${authorization}\r\nGET /two HTTP/1.1\r\nHost: a\r\n${authorization}\r\n`, '/two');
  assert.match(two, /report for \/one[^]*report for \/two/);
});

test('ambiguous requests and upgrades are rejected before the service', async () => {
  service.served.length = 0;
  const authorization = `Authorization: ${await pass()}\r\n`;
  for (const [bytes, status] of [
    [`GET / HTTP/1.1\r\nHost: a\r\n${authorization}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    [`GET / HTTP/1.1\r\nHost: a\r\n${authorization}Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody`, 400],
    [`GET / HTTP/1.1\nHost: a\n${authorization}\n`, 400],
    [`GET http://elsewhere/ HTTP/1.1\r\nHost: a\r\n${authorization}\r\n`, 400],
    [`GET / HTTP/1.1\r\n${authorization}\r\n`, 400],
    [`GET /a/../b HTTP/1.1\r\nHost: a\r\n${authorization}\r\n`, 400],
    [`GET / HTTP/1.1\r\nHost: a\r\n${authorization}Upgrade: websocket\r\nConnection: upgrade\r\n\r\n`, 501],
    [`GET /${'x'.repeat(9_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    [`GET / HTTP/1.1\r\nHost: a\r\nx: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
  ]) {
    assert.match(await raw(bytes, '}'), new RegExp(`^HTTP/1\\.1 ${status} `), bytes.slice(0, 60));
  }
  assert.equal(service.served.length, 0);
});

test('interim responses, and responses without a body', async () => {
  service.answer = (_, response) => {
    response.writeProcessing();
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.end('at last');
  };
  assert.equal(await (await get('/hints')).text(), 'at last');
  for (const status of [204, 304]) {
    service.answer = (_, response) => response.writeHead(status, { etag: '"1"' }).end();
    const empty = await get('/empty');
    assert.equal(empty.status, status);
    assert.equal(empty.headers.get('etag'), '"1"');
    assert.equal(await empty.text(), '');
  }
  service.answer = (_, response) => response.writeHead(200, { 'cache-control': 'public, max-age=600' }).end('x');
  assert.equal((await get('/cached')).headers.get('cache-control'), 'private');
  service.answer = report;
});

test('a truncated request body takes no use', async () => {
  const authorization = `Authorization: ${await pass()}\r\n`;
  service.answer = async (request, response) => {
    for await (const _ of request);
    response.end('never');
  };
  await counts(0, 1, async () => {
    const said = await raw(`POST /broken HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n${authorization}\r\n4\r\nbody\r\nnonsense\r\n`, '}');
    assert.match(said, /^HTTP\/1\.1 400 /);
  });
  service.answer = report;
});

test("a service's own outcome header alone commits or releases the use", async () => {
  const made = await api('PATCH', `/v1/gates/${gate}`, { commit: 'explicit' });
  assert.equal(made.status, 200, made.text);
  const credential = await buy(await fetch(`${url}/explicit`));
  let redemption;
  service.answer = (request, response) => {
    redemption = request.headers;
    response.end('ok');
  };
  const before = await eventCount('redeemed');
  assert.equal((await fetch(`${url}/explicit`, { headers: { authorization: credential } })).status, 200);
  assert.equal(await eventCount('redeemed'), before);
  const path = `/v1/redemptions/${redemption['lntpay-redemption-id']}`;
  const released = await api('POST', `${path}/release`, { reservation: Number(redemption['lntpay-reservation']) });
  assert.equal(released.json.status, 'released', released.text);
  assert.equal((await api('PATCH', `/v1/gates/${gate}`, { commit: 'at_once' })).status, 200);
  service.answer = report;
});

test('a client that disconnects while the service works pays for the response', async () => {
  let begun;
  const working = new Promise((done) => (begun = done));
  service.answer = async (_, response) => {
    begun();
    await sleep(200);
    response.end('done');
  };
  await counts(1, 0, async () => {
    const leaving = new AbortController();
    const left = get('/slow', { signal: leaving.signal }).catch(() => 'left');
    await working;
    leaving.abort();
    assert.equal(await left, 'left');
  });
  service.answer = report;
});

test('a browser pays on the page and reads the report', async (t) => {
  const browser = await launch();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`${url}/reports/9`, { waitUntil: 'domcontentloaded' });
  const bolt11 = await page.$eval('#invoice', (element) => element.textContent);
  assert.equal((await api('POST', '/v1/sandbox/wallet/pay', { bolt11 })).status, 200);
  await page.waitForFunction(() => document.body.innerText === 'report for /reports/9', { timeout: 10_000 });
});

test('without its service the proxy reports it and takes no use, then recovers', async () => {
  const { port: there } = service.server.address();
  service.stop();
  await counts(0, 1, async () => assert.equal((await get('/reports/7')).status, 502));
  service.server.listen(there, '127.0.0.1');
  await once(service.server, 'listening');
  assert.equal((await get('/reports/7')).status, 200);
});

/// A proxy in front of the same service with another gate: its id, or its fields.
async function reopen(another, args) {
  const id = typeof another === 'string' ? another : (await api('POST', '/v1/gates', { price_sats: 21, match: { method: '*', path: '/*' }, ...another })).json.id;
  await host.stop();
  use(await startProxied({ service, gate: id, data, args }));
}

test('a timed pass works repeatedly, each path apart, until the gate is revoked', async () => {
  await reopen({ match: { method: 'GET', path: '/timed/*' }, mode: 'pass', ttl_seconds: 3_600 });
  const authorization = await buy(await fetch(`${url}/timed/1`));
  const before = await eventCount('redeemed');
  for (const path of ['/timed/1', '/timed/1', '/timed/2', '/timed/1']) {
    const opened = await fetch(url + path, { headers: { authorization } });
    assert.deepEqual([opened.status, await opened.text()], [200, `report for ${path}`]);
    assert.match(opened.headers.get('payment-receipt'), /\S/);
    assert.equal(opened.headers.get('lntpay-good-for'), null);
  }
  assert.equal((await fetch(`${url}/timed/1`, { method: 'POST', headers: { authorization } })).status, 400);
  const forged = authorization.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  assert.equal((await fetch(`${url}/timed/1`, { headers: { authorization: forged } })).status, 401);
  assert.equal((await fetch(`${url}/timed/1`)).status, 402);
  assert.equal(await eventCount('redeemed'), before);
  await sleep(1_100);  // a payment in the second of the revocation counts as later
  assert.equal((await api('POST', `/v1/gates/${gate}/revoke`)).status, 200);
  await until('the pass is refused', async () => (await fetch(`${url}/timed/1`, { headers: { authorization } })).status === 402, 3_000);
});

test('a pass expires on time, also right after a use', async () => {
  await reopen({ match: { method: 'GET', path: '/*' }, mode: 'pass', ttl_seconds: 60 });
  const authorization = await buy(await fetch(`${url}/short`));
  const open = async () => {
    const answer = await fetch(`${url}/short`, { headers: { authorization } });
    return `${answer.status} ${await answer.text()}`;
  };
  assert.match(await open(), /^200 /);
  assert.equal((await api('POST', '/v1/sandbox/clock/advance', { ms: 7_200_000 })).status, 200);
  await until('the pass expired', async () => /^402 /.test(await open()), 3_000);
});

test('without a gate the proxy passes everything unchanged', async () => {
  await reopen('none');
  const opened = await fetch(`${url}/free`, { headers: { authorization: 'Bearer of-the-service' } });
  assert.deepEqual([opened.status, await opened.text()], [200, 'report for /free']);
  assert.equal(opened.headers.get('payment-receipt'), null);
  assert.equal(service.served.at(-1).headers.authorization, 'Bearer of-the-service');
  assert.equal(service.served.at(-1).headers['lntpay-redemption-id'], undefined);
});

test('behind trusted proxies the client is the one they name, also at the API', async () => {
  const statuses = async (ask) => {
    const all = [];
    for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) all.push(await ask({ 'x-forwarded-for': `${client}, 127.0.0.1` }));
    return all;
  };
  const proxied = async (headers) => (await fetch(`${url}/who`, { headers })).status;
  const asked = async (headers) => {
    const forwarded = { ...headers, 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/who' };
    return (await fetch(`${host.url}/gate/${gate}/challenge`, { headers: forwarded })).status;
  };
  const limit = ['--challenges-per-client', '1'];
  await reopen({});
  const priced = gate;
  for (const ask of [proxied, asked]) {
    await reopen(priced, limit);
    assert.deepEqual(await statuses(ask), [402, 429, 429]);
    await reopen(priced, [...limit, '--trusted-proxies', '127.0.0.0/8']);
    assert.deepEqual(await statuses(ask), [402, 402, 429]);
  }
});
