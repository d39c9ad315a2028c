// `lntpay serve --gates FILE`: several services with prices behind one server, over real sockets, TLS and services.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { until } from './lib.mjs';
import { ask, buy, check, count, down, file, gates, host, path, plain, port, reload, second, tlsPort } from './lib_gates_file.mjs';

test('gate check accepts the file, and names every mistake with its line', async () => {
  const good = await check(file);
  assert.equal(good.code, 0, good.stderr);
  assert.deepEqual(JSON.parse(good.stdout), { object: 'gates_file', services: 3, prices: 5, addresses: 2, named_gates: 0, named_gates_checked: false });
  const broken = path('broken.json');
  writeFileSync(broken, readFileSync(file, 'utf8').replace('"price_sats": 21', '"price_sat": 21').replace('"unhealthy_after": 1', '"unhealthy_after": 0'));
  const bad = await check(broken);
  assert.equal(bad.code, 1);
  const line = (text) => readFileSync(broken, 'utf8').split('\n').findIndex((each) => each.includes(text)) + 1;
  assert.match(bad.stderr, new RegExp(`broken\\.json:${line('"price_sat"')}: services\\[0\\]\\.prices\\[0\\]\\.price_sat: is unknown\\. Write price_sats`));
  assert.match(bad.stderr, new RegExp(`broken\\.json:${line('"unhealthy_after"')}: .*unhealthy_after: is 0\\. Write a whole number from 1 to 100`));
  writeFileSync(broken, readFileSync(file, 'utf8').replace('api.example.key', 'other.example.key'));
  const mixed = await check(broken);
  assert.equal(mixed.code, 1);
  assert.match(mixed.stderr, /listen\[1\]\.certificates: .*other\.example\.key/);
});

test('prices by host, path and method; the rest is not offered', async () => {
  const price = async (...asked) => {
    const refused = await ask(...asked);
    assert.equal(refused.status, 402, refused.text);
    return JSON.parse(refused.text).price_sats;
  };
  assert.equal(await price('/reports/7'), 21);
  assert.equal(await price('/reports/7', { method: 'POST' }), 5);
  assert.equal((await ask('/reports/7', { method: 'HEAD' })).status, 402);
  const preflight = await ask('/reports/7', { method: 'OPTIONS', headers: { origin: 'https://page.example', 'access-control-request-method': 'GET' } });
  assert.equal(`${preflight.status} ${preflight.headers['access-control-allow-origin']}`, '204 *');
  assert.equal((await ask('/reports/7', { method: 'PUT' })).status, 404);
  assert.equal((await ask('/nothing')).status, 404);
  assert.equal((await ask('/reports/../about')).status, 400);
  assert.equal((await ask('/about', { name: 'elsewhere.test' })).status, 404);
  const about = await ask('/about');
  assert.equal(about.text, 'first /about');
  assert.equal(about.headers['cache-control'], undefined, 'what is free is for caches, too');
  assert.deepEqual((await gates()).map((gate) => gate.name).sort(), ['api GET /reports/*', 'api POST /reports/*', 'quota * /*']);
});

test('a paid request is served once, with the fields that the service needs', async () => {
  const credential = await buy(await ask('/reports/7'));
  plain.seen.length = 0;
  const headers = { authorization: credential, 'x-request-id': 'order-7' };
  const served = await ask('/reports/7?page=2', { headers });
  assert.equal(`${served.status} ${served.text}`, '200 first /reports/7?page=2');
  assert.ok(served.headers['payment-receipt']);
  assert.equal(served.headers['cache-control'], 'private');
  assert.equal(served.headers['x-request-id'], 'order-7');
  const [{ headers: got }] = plain.seen;
  assert.match(got['lntpay-redemption-id'], /^rdm_/);
  assert.equal(got.authorization, undefined);
  assert.equal(got['x-request-id'], 'order-7');
  assert.equal(got['x-forwarded-for'], '198.51.100.1, 127.0.0.1');
  assert.equal(got['x-forwarded-proto'], 'http');
  assert.equal(got['x-forwarded-host'], 'api.example');
  assert.equal(got.host, 'api.example');
  assert.equal((await ask('/reports/7', { headers })).status, 402, 'its one use is spent');
  assert.match((await ask('/about')).headers['x-request-id'], /^[0-9a-f]{32}$/);
});

test('TLS: certificates by name, bodies both ways, and no other protocol', async () => {
  const secure = await ask('/about', { tls: true });
  assert.equal(secure.text, 'first /about');
  assert.equal(plain.seen.at(-1).headers['x-forwarded-proto'], 'https');
  const subject = (servername) =>
    new Promise((done, failed) => {
      const socket = tlsConnect({ host: '127.0.0.1', port: tlsPort, servername, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }, () => {
        done(`${socket.getPeerCertificate().subject.CN} ${socket.alpnProtocol} ${socket.getProtocol()}`);
        socket.destroy();
      }).on('error', failed);
    });
  assert.equal(await subject('other.example'), 'other.example http/1.1 TLSv1.3');
  assert.equal(await subject('unknown.test'), 'api.example http/1.1 TLSv1.3');
  await assert.rejects(
    new Promise((done, failed) => tlsConnect({ host: '127.0.0.1', port: tlsPort, rejectUnauthorized: false, ALPNProtocols: ['h2'] }, done).on('error', failed)),
    /no application protocol/i,
  );
  const large = Buffer.alloc(4 * 1024 * 1024, 'lightning ');
  plain.play(async (incoming, outgoing) => incoming.pipe(outgoing));
  const authorization = await buy(await ask('/reports/echo', { tls: true, method: 'POST' }));
  const echoed = await ask('/reports/echo', { tls: true, method: 'POST', body: large, headers: { authorization } });
  plain.play();
  assert.equal(echoed.status, 200);
  assert.ok(echoed.bytes.equals(large));
});

test('the first requests of a client and day are free, exactly, also all at once and across a reload', async () => {
  const name = 'quota.example';
  const first = await ask('/a', { name });
  assert.equal(`${first.status} ${first.headers['lntpay-free-left']}`, '200 2');
  assert.equal(first.headers['cache-control'], 'private', 'free for this client alone');
  assert.equal(first.headers['access-control-allow-origin'], '*', 'a page can read it as one that it paid for');
  await reload((services) => (services[1].prices[0].price_sats = 2));
  const all = await Promise.all(Array.from({ length: 20 }, () => ask('/a', { name })));
  assert.deepEqual([all.filter((each) => each.status === 200).length, all.filter((each) => each.status === 402).length], [2, 18]);
  assert.equal((await ask('/a', { name, from: '198.51.100.2' })).headers['lntpay-free-left'], '2');
  // An IPv6 client is its /64.
  for (const [i, left] of ['2', '1', '0', undefined].entries()) assert.equal((await ask('/a', { name, from: `2001:db8::${i + 1}` })).headers['lntpay-free-left'], left);
  // Who pays takes no free request.
  const from = '198.51.100.3';
  const authorization = await buy(all.find((each) => each.status === 402));
  const paid = await ask('/a', { name, from, headers: { authorization } });
  assert.ok(paid.headers['payment-receipt']);
  assert.equal((await ask('/a', { name, from })).headers['lntpay-free-left'], '2');
});

test('clients on the allowlist pay nothing', async () => {
  assert.equal((await ask('/reports/7', { from: '192.0.2.9' })).status, 200);
  assert.equal((await ask('/reports/7', { headers: { 'user-agent': 'UptimeRobot/2.0' } })).status, 200);
  assert.equal((await ask('/reports/7', { from: '192.0.3.9' })).status, 402);
  // Pages of other origins get no access through the address: the service alone decides, about preflights as well.
  const headers = { origin: 'https://page.example', 'access-control-request-method': 'GET' };
  for (const method of ['GET', 'OPTIONS']) {
    plain.seen.length = 0;
    const answer = await ask('/reports/7', { from: '192.0.2.9', method, headers });
    assert.deepEqual([answer.status, answer.headers['access-control-allow-origin'], plain.seen.length], [200, undefined, 1], method);
  }
});

test('a service under maintenance asks for no payment', async () => {
  await reload((services) => (services[0].maintenance = { message: 'Back at 14:00 UTC.', retry_after_seconds: 600 }));
  const refused = await ask('/reports/7');
  assert.equal(`${refused.status} ${refused.headers['retry-after']} ${JSON.parse(refused.text).detail}`, '503 600 Back at 14:00 UTC.');
  assert.equal(refused.headers['www-authenticate'], undefined);
  await reload((services) => delete services[0].maintenance);
  assert.equal((await ask('/reports/7')).status, 402);
});

test('requests go to services that pass their health check', async () => {
  const name = 'pair.example';
  const answers = async () => new Set(await Promise.all(Array.from({ length: 10 }, async () => (await ask('/x', { name })).text.split(' ')[0])));
  assert.deepEqual([...(await answers())].sort(), ['down', 'second']);
  await down.stop();
  await until('the stopped service is found', () => count('upstream_unhealthy') === 1);
  assert.deepEqual([...(await answers())], ['second']);
  await reload(() => {});
  assert.deepEqual([...(await answers())], ['second'], 'a load keeps what is known about services');
  await second.stop();
  await until('both are found', () => count('upstream_unhealthy') === 2);
  const none = await ask('/x', { name });
  assert.equal(none.status, 503);
  assert.equal(none.headers['retry-after'], '1');
  await Promise.all([down.start(), second.start()]);
  await until('both are back', () => count('upstream_healthy') === 2);
  assert.deepEqual([...(await answers())].sort(), ['down', 'second']);
});
