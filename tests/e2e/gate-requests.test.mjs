// What clients send to the built-in reverse proxy and get from it: preflights, HEAD, credentials in every form, paths, redirects.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { paidMacaroon, sendRaw, startProxied, startService } from './lib_gates.mjs';

let host, api, buy, service, url, data, bought;
const report = (request, response) => response.end(`report for ${request.url}`);

/// Takes the place of the host so far.
function use(started) {
  host = started;
  ({ api, data, url_proxied: url, wallet: { buy } } = host);
}
/// A proxy in front of the same service with another gate.
async function reopen(fields) {
  const made = await api('POST', '/v1/gates', { price_sats: 21, match: { method: '*', path: '/*' }, ...fields });
  await host.stop();
  use(await startProxied({ service, gate: made.json.id, data }));
}
before(async () => {
  service = await startService(report);
  use(await startProxied({ service, gate: { mode: 'pass', uses: 1_000, ttl_seconds: 3_600 } }));
});
after(async () => {
  await host?.stop();
  service?.stop();
});

const pass = async () => (bought ??= await buy(await fetch(`${url}/first`)));
const get = async (path, init = {}) => fetch(url + path, { ...init, headers: { authorization: await pass(), ...init.headers } });
/// The credential whose token has a caveat with the preimage.
const withCaveat = (credential) => credential.replace(/ .*:/, () => ` ${Buffer.from(paidMacaroon(credential), 'hex').toString('base64')}:`);
const raw = (bytes, enough) => sendRaw(url, bytes, enough);

test('a preflight is answered by the gate, costs nothing and does not reach the service', async () => {
  const credential = await pass();
  service.served.length = 0;
  const events = async () => (await api('GET', '/v1/events?limit=100&order=desc')).json.data[0]?.id;
  const before = await events();
  const asked = { origin: 'https://page.example', 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization,x-custom' };
  for (const more of [{}, { authorization: credential }, { authorization: `L402 x:${'0'.repeat(64)}` }]) {
    const answer = await fetch(`${url}/reports/7`, { method: 'OPTIONS', headers: { ...asked, ...more } });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.match(answer.headers.get('access-control-allow-methods'), /DELETE/);
    assert.match(answer.headers.get('access-control-allow-headers'), /authorization.*x-custom/i);
    assert.equal(answer.headers.get('access-control-allow-credentials'), null);
  }
  assert.equal(await events(), before);
  assert.equal(service.served.length, 0);
  // Without Origin or method it is an ordinary request.
  assert.equal((await fetch(`${url}/reports/7`, { method: 'OPTIONS', headers: { origin: 'https://page.example' } })).status, 402);
});

test('credentials, folded and repeated in every mixture, pass and are kept from the service', async () => {
  const credential = await pass();
  const lsat = credential.replace('L402', 'LSAT');
  const [both, other] = [[lsat, credential], [credential.replace('L402 ', 'L402 L402 ')]];
  const lines = (values) => values.map((value) => `Authorization: ${value}\r\n`).join('');
  for (const [sent, forwarded] of [
    [lines(both), undefined],
    [lines([both.join(', ')]), undefined],
    [lines([both.join(',')]), undefined],
    [lines([credential, ...both]), undefined],
    [lines(other), undefined],
    [lines(['Bearer theirs', ...both]), 'Bearer theirs'],
    [lines([...both, 'Basic dGhlaXJz']), 'Basic dGhlaXJz'],
    [lines([`Bearer theirs, ${both.join(', ')}`]), 'Bearer theirs'],
    [lines([`${lsat}, Bearer theirs, ${credential}`]), 'Bearer theirs'],
    [`Payment-Authorization: ${credential}\r\nAuthorization: Bearer theirs\r\n`, 'Bearer theirs'],
    [lines([withCaveat(credential)]), undefined],
    [`Macaroon: ${paidMacaroon(credential)}\r\n`, undefined],
    [`Grpc-Metadata-Macaroon: ${paidMacaroon(credential)}\r\nAuthorization: Bearer theirs\r\n`, 'Bearer theirs'],
  ]) {
    service.served.length = 0;
    const said = await raw(`GET /reports/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${sent}\r\n`);
    assert.match(said, /^HTTP\/1\.1 200 /, sent);
    assert.equal(service.served[0].headers.authorization, forwarded, sent);
    for (const name of ['payment-authorization', 'macaroon', 'grpc-metadata-macaroon']) assert.equal(service.served[0].headers[name], undefined, name);
  }
  service.served.length = 0;
  const differing = [credential, await buy(await fetch(`${url}/reports/7`))];
  const other_preimage = withCaveat(credential).replace(/.{4}$/, '0000');
  for (const sent of [lines(differing), lines([differing.join(', ')]), lines([other_preimage])]) {
    assert.match(await raw(`GET /reports/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${sent}\r\n`), /^HTTP\/1\.1 401 /);
  }
  assert.equal(service.served.length, 0);
});

test('pages may read responses, unless the service decides about CORS', async () => {
  const origin = async (path) => (await get(path)).headers.get('access-control-allow-origin');
  assert.equal(await origin('/open'), '*');
  assert.match((await get('/open')).headers.get('access-control-expose-headers'), /payment-receipt|\*/i);
  service.answer = (_, response) => response.writeHead(200, { 'access-control-allow-origin': 'https://a.example' }).end();
  assert.equal(await origin('/decided'), 'https://a.example');
  service.answer = report;
});

test('HEAD is challenged as GET, and takes no use', async () => {
  assert.equal((await fetch(`${url}/reports/7`, { method: 'HEAD' })).status, 402);
  await reopen({});
  const headers = { authorization: await buy(await fetch(`${url}/a`)) };
  for (let i = 0; i < 2; ++i) {
    const answer = await fetch(`${url}/a`, { method: 'HEAD', headers });
    assert.deepEqual([answer.status, answer.headers.get('payment-receipt')], [200, null]);
  }
  assert.equal((await fetch(`${url}/a`, { headers })).status, 200);
  assert.equal((await fetch(`${url}/a`, { method: 'HEAD', headers })).status, 402, 'spent');
});

test('a folder and its pages with or without a trailing slash are one path', async () => {
  await reopen({ match: { method: 'GET', path: '/reports/*' } });
  for (const [asked, redeemed] of [['/reports/', '/reports'], ['/reports/7', '/reports/7/']]) {
    const refused = await fetch(url + asked);
    assert.equal(refused.status, 402, asked);
    const answer = await fetch(url + redeemed, { headers: { authorization: await buy(refused) } });
    assert.deepEqual([answer.status, await answer.text()], [200, `report for ${redeemed}`]);
  }
  for (const path of ['/', '/reportsx', '/reports//7', '/reports/%37']) assert.equal((await fetch(url + path)).status, 400, path);
});

test('a service that fails leaves no receipt, and a redirect into the gate opens its target', async () => {
  await reopen({});
  const headers = { authorization: await buy(await fetch(`${url}/short`)) };
  service.answer = (_, response) => response.writeHead(500).end();
  const failed = await fetch(`${url}/short`, { headers });
  assert.deepEqual([failed.status, failed.headers.get('payment-receipt')], [500, null]);
  service.answer = (request, response) => (request.url === '/short' ? response.writeHead(302, { location: '/long' }).end() : report(request, response));
  const moved = await fetch(`${url}/short`, { headers, redirect: 'manual' });
  assert.deepEqual([moved.status, moved.headers.get('payment-receipt')], [302, null]);
  const opened = await fetch(`${url}/long`, { headers });
  assert.deepEqual([opened.status, await opened.text()], [200, 'report for /long']);
  assert.ok(opened.headers.get('payment-receipt'));
  assert.equal((await fetch(`${url}/long`, { headers })).status, 402, 'spent');
  service.answer = report;
});

test('a browser that paid follows a redirect within the gate without paying again', async () => {
  await reopen({});
  service.answer = (request, response) => (request.url === '/short' ? response.writeHead(302, { location: '/long', 'set-cookie': 'own=1' }).end() : report(request, response));
  const page = await fetch(`${url}/short`, { headers: { accept: 'text/html' } });
  const [, bolt11] = /lightning:(ln\w+)/.exec(await page.text());
  assert.equal((await api('POST', '/v1/sandbox/wallet/pay', { bolt11 })).status, 200);
  const visit = (path, cookie) => fetch(url + path, { headers: { accept: 'text/html', cookie: cookie.split(';')[0] }, redirect: 'manual' });
  const redirect = await visit('/short', page.headers.getSetCookie()[0]);
  assert.equal(redirect.status, 302);
  const [own, ours, ...more] = redirect.headers.getSetCookie();
  assert.deepEqual([own, more], ['own=1', []]);
  assert.match(ours, /; Path=\/long$/);
  assert.equal(await (await visit('/long', ours)).text(), 'report for /long');
  assert.equal((await visit('/long', ours)).status, 402);
  service.answer = report;
});

test('with cors: service a preflight is forwarded without its body', async () => {
  await reopen({ cors: 'service' });
  let body;
  service.answer = async (request, response) => {
    body = '';
    for await (const part of request) body += part;
    response.writeHead(204, { 'access-control-allow-origin': 'https://page.example' }).end();
  };
  const said = await raw('OPTIONS /a HTTP/1.1\r\nHost: a\r\nOrigin: https://page.example\r\nAccess-Control-Request-Method: GET\r\nContent-Length: 4\r\n\r\nbody', 'example');
  assert.match(said, /^HTTP\/1\.1 204 /);
  assert.match(said, /access-control-allow-origin: https:\/\/page\.example/);
  assert.equal(body, '');
  service.answer = report;
});
