// `lntpay serve --gates FILE`: several services with prices behind one server, over real sockets, TLS and services.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request as httpRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { program } from '../../examples/pay-per-request/sandbox.mjs';
import { startHost, until } from './lib.mjs';
import { freePort, scratchFolder } from './lib_process.mjs';

const folder = scratchFolder();
const path = (name) => join(folder, name);
const file = path('gates.json');
const data = scratchFolder();
const made = [];
let host, api, port, tlsPort, plain, second, down;

/// Writes tls files for this name: `name`.crt and `name`.key, replaced at once.
function makeCertificate(name, subject = name) {
  const [key, certificate] = [path(`${name}.key`), path(`${name}.crt`)];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${subject}`, '-addext', `subjectAltName=DNS:${name}`, '-keyout', `${key}.new`, '-out', `${certificate}.new`], { stdio: 'ignore' });
  renameSync(`${key}.new`, key);
  renameSync(`${certificate}.new`, certificate);
}

/// A service that records its requests: { url, seen, play(answer), stop(), start() }.
async function startService(name) {
  const seen = [];
  const usual = (incoming, outgoing) => outgoing.end(`${name} ${incoming.url}`);
  let answer = usual;
  const server = createServer((incoming, outgoing) => {
    seen.push({ url: incoming.url, headers: incoming.headers });
    if (incoming.url === '/healthz') return outgoing.end('good');
    Promise.resolve(answer(incoming, outgoing)).catch(() => outgoing.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port: at } = server.address();
  const service = {
    url: `http://127.0.0.1:${at}`,
    seen,
    play: (other) => (answer = other ?? usual),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    start: () => once(server.listen(at, '127.0.0.1'), 'listening'),
  };
  made.push(server);
  return service;
}

let settings, log = '';
async function start() {
  host = await startHost({ data, args: ['--gates', file, '--challenges-per-client', '1000'] });
  ({ api } = host);
  host.child.stderr.on('data', (text) => (log += text)); // all of it: host.log() has the end
}
function write(changed = settings) {
  writeFileSync(`${file}.new`, JSON.stringify(changed, null, 2));
  renameSync(`${file}.new`, file);
}
const count = (event) => log.split(`"${event}"`).length - 1;
/// Writes the changed file and waits until the server has loaded it.
async function reload(change) {
  const loads = count('gates_loaded');
  change(settings.services);
  write();
  await until('the changed file is loaded', () => count('gates_loaded') > loads);
}

/// One request: { status, headers, text, socket }. `from`: the client's address, as a proxy on this machine reports it.
function ask(target, { name = 'api.example', method = 'GET', headers = {}, body, from = '198.51.100.1', tls = false, agent = false } = {}) {
  return new Promise((done, failed) => {
    const options = { host: '127.0.0.1', port: tls ? tlsPort : port, path: target, method, agent, headers: { host: name, 'x-forwarded-for': from, ...headers } };
    const sent = tls ? tlsRequest({ ...options, servername: name, ca: [readFileSync(path('api.example.crt')), readFileSync(path('other.example.crt'))] }) : httpRequest(options);
    sent.on('response', async (response) => {
      const parts = [];
      try {
        for await (const part of response) parts.push(part);
        done({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString(), bytes: Buffer.concat(parts), socket: response.socket });
      } catch (error) {
        failed(error);
      }
    });
    sent.on('error', failed).end(body);
  });
}
const parameter = (line, name) => new RegExp(`${name}="([^"]*)"`).exec(line)?.[1];
async function buy(refused) {
  assert.equal(refused.status, 402, refused.text);
  const offered = [refused.headers['www-authenticate']].flat().join(', ');
  const paid = await api('POST', '/v1/sandbox/wallet/pay', { bolt11: parameter(offered, 'invoice') });
  assert.equal(paid.status, 200, paid.text);
  return `L402 ${parameter(offered, 'token')}:${paid.json.preimage}`;
}
const gates = async () => (await api('GET', '/v1/gates?limit=100')).json.data;
const check = (name, env = {}) =>
  new Promise((done) => execFile(program, ['gate', 'check', name], { env: { ...process.env, LNTPAY_BASE_URL: '', ...env } }, (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr })));

before(async () => {
  makeCertificate('api.example');
  makeCertificate('other.example');
  [plain, second, down] = [await startService('first'), await startService('second'), await startService('down')];
  [port, tlsPort] = [await freePort(), await freePort()];
  const pair = (name) => ({ certificate: `${name}.crt`, key: `${name}.key` });
  settings = {
    listen: [{ address: `127.0.0.1:${port}` }, { address: `127.0.0.1:${tlsPort}`, certificates: [pair('api.example'), pair('other.example')] }],
    services: [
      {
        name: 'api',
        hosts: ['api.example'],
        upstreams: [plain.url],
        prices: [
          { method: 'GET', path: '/reports/*', price_sats: 21 },
          { method: 'POST', path: '/reports/*', price_sats: 5, mode: 'pass', uses: 1_000 },
          { path: '/about', price_sats: 0 },
        ],
        allow: [{ addresses: ['192.0.2.0/24'] }, { user_agents: ['UptimeRobot/*'] }],
      },
      { name: 'quota', hosts: ['*.example'], upstreams: [plain.url.replace('127.0.0.1', 'localhost')], free: { requests_per_day: 3 }, prices: [{ path: '/*', price_sats: 1 }] },
      {
        name: 'pair',
        hosts: ['pair.example'],
        upstreams: [second.url, down.url],
        health_check: { path: '/healthz', interval_seconds: 1, timeout_seconds: 1, unhealthy_after: 1 },
        prices: [{ path: '/*', price_sats: 0 }],
      },
    ],
  };
  write();
  await start();
});
after(async () => {
  await host?.stop();
  for (const server of made) {
    server.close();
    server.closeAllConnections();
  }
});

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

test('a changed file changes the gate in place, and drops no connection', async () => {
  const before = (await gates()).find((gate) => gate.name === 'api GET /reports/*');
  const sold = await buy(await ask('/reports/8'));
  // A response that began under the former file, and connections that stay open.
  let finish;
  plain.play(async (_, outgoing) => {
    outgoing.write('slow ');
    await new Promise((done) => (finish = done));
    outgoing.end('end');
  });
  const agents = [new Agent({ keepAlive: true, maxSockets: 1 }), new TlsAgent({ keepAlive: true, maxSockets: 1 })];
  const slow = ask('/about');
  await until('the slow response has started', () => finish);
  plain.play();
  const open = await Promise.all(agents.map((agent, i) => ask('/about', { agent, tls: i === 1 })));
  const errors = [];
  let busy = true, requests = 0;
  const load = (async () => {
    for (; busy; requests += 1) await ask('/about', { agent: agents[0] }).then(({ status }) => assert.equal(status, 200)).catch((error) => errors.push(error));
  })();
  makeCertificate('api.example', 'renewed');
  await reload((services) => (services[0].prices[0].price_sats = 34));
  await sleep(50);
  busy = false;
  await load;
  assert.deepEqual(errors, []);
  assert.ok(requests > 10, `${requests} requests`);
  finish();
  assert.equal((await slow).text, 'slow end');
  for (const [i, agent] of agents.entries()) assert.equal((await ask('/about', { agent, tls: i === 1 })).socket, open[i].socket, 'the same connection');
  agents.forEach((agent) => agent.destroy());

  const now = (await gates()).find((gate) => gate.name === 'api GET /reports/*');
  assert.deepEqual([now.id, now.price_sats], [before.id, 34]);
  assert.equal(JSON.parse((await ask('/reports/8')).text).price_sats, 34);
  assert.equal((await ask('/reports/8', { headers: { authorization: sold } })).status, 200, 'what was sold stays valid');
  const renewed = tlsConnect({ host: '127.0.0.1', port: tlsPort, servername: 'api.example', rejectUnauthorized: false });
  await once(renewed, 'secureConnect');
  assert.equal(renewed.getPeerCertificate().subject.CN, 'renewed');
  renewed.destroy();
});

test('a renewed certificate is loaded without a change of the file', async () => {
  const loads = count('gates_loaded');
  makeCertificate('other.example', 'renewed too');
  await until('the certificate is loaded', () => count('gates_loaded') > loads);
  const socket = tlsConnect({ host: '127.0.0.1', port: tlsPort, servername: 'other.example', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  assert.equal(socket.getPeerCertificate().subject.CN, 'renewed too');
  socket.destroy();
});

test('a file with a mistake changes nothing, and the log has the cause', async () => {
  const refusals = count('gates_file_refused');
  write({ ...settings, services: [{ ...settings.services[0], upstream: [] }] });
  await until('the mistake is logged', () => count('gates_file_refused') > refusals);
  assert.match(log, /gates\.json:\d+: services\[0\]\.upstream: is unknown\. Write upstreams/);
  assert.equal((await ask('/about')).status, 200);
  assert.equal((await ask('/x', { name: 'pair.example' })).status, 200);
  // An address that is taken, and a gate that does not exist, are found before anything changes.
  write({ ...settings, listen: [...settings.listen, { address: new URL(host.url).host }] });
  await until('the taken address is logged', () => /listen\[2\]\.address: .*in use/.test(log));
  const missing = 'gate_Ab0123456789ABCDEFGHJKMNPQRS';
  write({ ...settings, services: [{ ...settings.services[0], prices: [{ path: '/*', gate: missing }] }] });
  await until('the missing gate is logged', () => log.includes(`there is no gate ${missing}`));
  assert.equal((await ask('/about')).status, 200);
  const loads = count('gates_loaded');
  write();
  await until('the good file is loaded', () => count('gates_loaded') > loads);
});

test('SIGHUP loads the file at once', async () => {
  const loads = count('gates_loaded');
  host.child.kill('SIGHUP');
  await until('the file is loaded', () => count('gates_loaded') > loads, 900);
});

test('addresses come and go with the file', async () => {
  const more = await freePort();
  const answers = () => fetch(`http://127.0.0.1:${more}/about`).then((response) => response.status, () => 'closed');
  await reload(() => settings.listen.push({ address: `127.0.0.1:${more}` }));
  assert.equal(await answers(), 404); // no service has this host
  await reload(() => settings.listen.pop());
  await until('the address is closed', async () => (await answers()) === 'closed');
});

test('a pass stays valid where a closer entry gets the price, also after a restart; what is sold later does not', async () => {
  const library = { method: 'GET', path: '/library/*', price_sats: 2, mode: 'pass', uses: 50 };
  await reload((services) => services[0].prices.push(library));
  const timed = { method: 'GET', path: '/archive/*', price_sats: 3, mode: 'pass' };
  await reload((services) => services[0].prices.push(timed));
  const sold = { authorization: await buy(await ask('/library/1')) };
  const sold_for_a_time = { authorization: await buy(await ask('/archive/1')) };
  await sleep(5);
  await reload((services) => services[0].prices.push({ ...library, path: '/library/rare/*', price_sats: 500 }, { ...timed, path: '/archive/rare/*', price_sats: 500 }));
  const opens = async (path, headers) => {
    const { status, text } = await ask(path, { headers });
    return status === 402 ? `402 ${JSON.parse(text).price_sats}` : String(status);
  };
  assert.equal(await opens('/library/rare/1'), '402 500');
  assert.equal(await opens('/library/rare/1', sold), '200');
  assert.equal(await opens('/library/2', sold), '200');
  for (let i = 0; i < 2; i += 1) assert.equal(await opens('/archive/rare/1', sold_for_a_time), '200');
  // Sold when the closer entry existed: at the service, and by the gate's own address for a path that is no longer its own.
  const later = { authorization: await buy(await ask('/library/1')) };
  assert.equal(await opens('/library/1', later), '200');
  assert.equal(await opens('/library/rare/1', later), '402 500');
  const cheap = (await gates()).find((gate) => gate.name === 'api GET /library/*').id;
  const direct = await fetch(`${host.url}/gate/${cheap}/challenge`, { headers: { 'x-original-method': 'GET', 'x-original-uri': '/library/rare/1' } });
  const bought = await buy({ status: direct.status, headers: { 'www-authenticate': direct.headers.get('www-authenticate') } });
  assert.equal(await opens('/library/rare/1', { authorization: bought }), '402 500');
  // A credential of a former gate that proves nothing is no reason to pay at that gate.
  assert.equal(await opens('/library/rare/1', { authorization: sold.authorization.replace(/:.*/, `:${'0'.repeat(64)}`) }), '402 500');
  await host.stop();
  await start();
  assert.equal(await opens('/library/rare/1', sold), '200');
  assert.equal(await opens('/library/rare/1', later), '402 500');
});

test('what was sold stays valid when its entry or its service gets another name', async () => {
  const sold = { authorization: await buy(await ask('/library/1')) };
  const open = async () => (await ask('/library/2', { headers: sold })).status;
  await sleep(5);
  await reload((services) => (services[0].prices.find(({ path: at }) => at === '/library/*').method = '*'));
  assert.equal(await open(), 200);
  assert.equal((await ask('/library/2', { headers: sold, method: 'POST' })).status, 402, 'it was sold for GET');
  await reload((services) => (services[0].name = 'renamed'));
  assert.equal(await open(), 200);
  // Also when the gate that sold it is deleted, and when its entry is gone.
  const first = (await gates()).find((gate) => gate.name === 'api GET /library/*').id;
  assert.equal((await api('DELETE', `/v1/gates/${first}`)).status, 200);
  assert.equal(await open(), 200);
  await reload((services) => {
    services[0].prices = services[0].prices.filter(({ path: at }) => at !== '/library/*');
    services[0].prices.push({ path: '/*', price_sats: 9 });
  });
  assert.equal(await open(), 200);
  await reload((services) => {
    services[0].name = 'api';
    services[0].prices = services[0].prices.filter(({ path: at }) => at !== '/*' && !/^\/(library|archive)/.test(at));
  });
});

test('a gate that is named by id must cover its entry', async () => {
  const own = (await api('POST', '/v1/gates', { price_sats: 77, match: { method: 'GET', path: '/mine/*' } })).json.id;
  const prices = (price) => ({ ...settings, services: [{ ...settings.services[0], prices: [{ ...price, gate: own }] }, ...settings.services.slice(1)] });
  const message = /services\[0\]\.prices\[0\]\.gate: gate_\w+ does not cover GET \/\*\. This gate guards GET \/mine\/\*\. Change its match/;
  const refusals = count('gates_file_refused');
  write(prices({ method: 'GET', path: '/*' }));
  await until('the entry is refused', () => count('gates_file_refused') > refusals);
  assert.match(log, message);
  const checked = await check(file, { LNTPAY_BASE_URL: `${host.url}/v1` });
  assert.equal(checked.code, 1);
  assert.match(checked.stderr, message);
  assert.equal((await check(file)).code, 0, 'without a server only the file is checked');
  const loads = count('gates_loaded');
  write(prices({ method: 'GET', path: '/mine/deep/*' }));
  await until('a part of its match is good', () => count('gates_loaded') > loads);
  assert.equal(JSON.parse((await check(file, { LNTPAY_BASE_URL: `${host.url}/v1` })).stdout).named_gates_checked, true);
  await reload(() => {});
});

test('a service that fails is logged with its name, the gate and the request id', async () => {
  const headers = { authorization: await buy(await ask('/reports/7')), 'x-request-id': 'order-9' };
  plain.play(async (incoming) => incoming.destroy());
  assert.equal((await ask('/reports/7', { headers })).status, 502);
  plain.play();
  const line = JSON.parse(log.split('\n').find((each) => each.includes('service_failed') && each.includes('order-9')));
  const gate = (await gates()).find(({ name }) => name === 'api GET /reports/*').id;
  assert.deepEqual([line.service, line.gate, line.request_id, line.host, line.reached], ['api', gate, 'order-9', '127.0.0.1', 1]);
  assert.equal((await ask('/reports/7', { headers })).status, 200, 'the use was released');
  assert.ok(!log.includes(headers.authorization.slice(5)), 'no log line has a credential');
});

test('a name server that is silent fails the requests for its names in time, and no others', async (t) => {
  const names = createSocket('udp4');
  await new Promise((done) => names.bind(0, '127.0.0.1', done));
  t.after(() => names.close());
  const at = await freePort();
  const named = path('names.json');
  const entry = (name, upstream) => ({ name, hosts: [`${name}.example`], upstreams: [upstream], prices: [{ path: '/*', price_sats: 0 }] });
  writeFileSync(named, JSON.stringify({ listen: [{ address: `127.0.0.1:${at}` }], services: [entry('silent', 'http://silent.test:9'), entry('good', plain.url), entry('local', plain.url.replace('127.0.0.1', 'localhost'))] }));
  const other = await startHost({ args: ['--gates', named, '--name-servers', `127.0.0.1:${names.address().port}`] });
  t.after(() => other.stop());
  const ask_for = (name) => new Promise((done, failed) => httpRequest({ host: '127.0.0.1', port: at, headers: { host: `${name}.example` } }, (response) => (response.resume(), done(response.statusCode))).on('error', failed).end());
  const began = Date.now();
  const silent = ask_for('silent');
  assert.deepEqual(await Promise.all(['good', 'local', 'good'].map(ask_for)), [200, 200, 200]);
  assert.ok(Date.now() - began < 3_000);
  assert.equal(await silent, 502);
  assert.ok(Date.now() - began < 8_000, `${Date.now() - began} ms`);
});

test('after a restart the gates are the same, and an existing one can be named', async () => {
  const sold = await buy(await ask('/reports/9'));
  const before = (await gates()).map((gate) => gate.id).sort();
  const named = await api('POST', '/v1/gates', { price_sats: 77, match: { method: 'GET', path: '/own/*' } });
  assert.equal(named.status, 201, named.text);
  settings.services[0].prices.push({ method: 'GET', path: '/own/*', gate: named.json.id });
  write();
  await host.stop();
  await start();
  assert.deepEqual((await gates()).map((gate) => gate.id).sort(), [...before, named.json.id].sort());
  assert.equal((await ask('/reports/9', { headers: { authorization: sold } })).status, 200);
  assert.equal(JSON.parse((await ask('/own/1')).text).price_sats, 77);
});

test('a server with a broken file does not start', async () => {
  const broken = path('none.json');
  writeFileSync(broken, '{"listen": [{"address": "localhost"}]}');
  const ended = await new Promise((done) =>
    execFile(program, ['serve', '--sandbox', '--listen', '127.0.0.1:0', '--data', scratchFolder(), '--gates', broken], { timeout: 20_000 }, (error, _, stderr) => done({ code: error?.code, stderr })));
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /--gates: .*none\.json:1: listen\[0\]\.address: is "localhost"\. Write a numeric address and a port/);
});
