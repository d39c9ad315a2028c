// Changes of a file of gates, renewed certificates and restarts: nothing that was sold ends, and no connection is dropped.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { program } from '../../examples/pay-per-request/sandbox.mjs';
import { startHost, until } from './lib.mjs';
import { api, ask, buy, check, count, file, gates, host, log, makeCertificate, path, plain, port, reload, settings, start, tlsPort, write } from './lib_gates_file.mjs';
import { freePort, scratchFolder } from './lib_process.mjs';

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
