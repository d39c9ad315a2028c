// `lntpay node-proxy` in front of a fake node: which calls a token permits, what reaches the node, and that a truncated response is never
// complete for the client. With a real node: tests/lnd/live.test.mjs.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './lib.mjs';
import { program } from '../../examples/pay-per-request/sandbox.mjs';

const receiveMacaroon = `0201${'ab'.repeat(20)}`;
const payMacaroon = `0201${'cd'.repeat(20)}`;
const date = 'Sat, 28 Nov 2026 10:00:00 GMT';
const hash = 'a'.repeat(64);

let folder, node, nodeUrl, seen, plays, proxy;

/// The fake node: records requests, and responds by path with `plays`.
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lntpay-node-proxy-'));
  const file = (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  node = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const part of incoming) body += part;
    const { method, url, headers } = incoming;
    seen.push({ method, url, headers, body, socket: incoming.socket });
    const play = plays[url.split('?')[0]] ?? ((out) => out.writeHead(200, { 'content-type': 'application/json', date }).end('{}'));
    await play(outgoing, incoming);
  });
  await once(node.listen(0, '127.0.0.1'), 'listening');
  nodeUrl = `http://127.0.0.1:${node.address().port}`;
  proxy = await startProxy(nodeUrl, {
    receive: file('receive.macaroon', receiveMacaroon),
    pay: file('pay.macaroon', payMacaroon),
  });
});
beforeEach(() => {
  seen = [];
  plays = {};
});
after(async () => {
  await proxy?.stop();
  node?.closeAllConnections();
  node?.close();
  rmSync(folder, { recursive: true, force: true });
});

/// { url, data, output(), tokens: { receive, pay }, stop() }
async function startProxy(url, macaroons, data = join(folder, 'tokens')) {
  const args = ['node-proxy', '--listen', '127.0.0.1:0', '--data', data, '--lnd-url', url];
  args.push('--lnd-receive-macaroon', macaroons.receive, ...(macaroons.pay ? ['--lnd-pay-macaroon', macaroons.pay] : []));
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part));
  await until('the proxy listens', () => /node-proxy: (http\S+)/.test(output) || (child.exitCode !== null && assert.fail(output)));
  await until('it has said all', () => !macaroons.pay || /lnd-pay: token/.test(output));
  const token = (name) => readFileSync(join(data, `${name}.token`), 'utf8').trim();
  return {
    url: /node-proxy: (http\S+)/.exec(output)[1],
    data,
    output: () => output,
    tokens: { receive: token('receive'), pay: macaroons.pay && token('pay') },
    child,
    async stop() {
      if (child.exitCode !== null) return child.exitCode;
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      return code;
    },
  };
}

const ask = (role, method, path, body, more = {}) =>
  fetch(proxy.url + path, { method, body, headers: { authorization: `Bearer ${proxy.tokens[role] ?? role}` }, ...more });

test('a request with the token reaches the node with its macaroon, and is relayed', async () => {
  plays['/v1/invoices'] = (out) => out.writeHead(500, { 'content-type': 'application/json', date, 'set-cookie': 'a=b' }).end('{"code":2}');
  const answer = await ask('receive', 'POST', '/v1/invoices', '{"value":"1"}');
  assert.deepEqual([answer.status, await answer.text()], [500, '{"code":2}']);
  assert.deepEqual([answer.headers.get('date'), answer.headers.get('content-type'), answer.headers.get('set-cookie')], [date, 'application/json', null]);
  const [{ method, url, headers, body }] = seen;
  assert.deepEqual([method, url, body], ['POST', '/v1/invoices', '{"value":"1"}']);
  assert.equal(headers['grpc-metadata-macaroon'], receiveMacaroon);
  assert.equal(headers.authorization, undefined);
  await ask('pay', 'GET', '/v1/getinfo');
  assert.equal(seen[1].headers['grpc-metadata-macaroon'], payMacaroon);
});

test('without the token nothing reaches the node, and the client gets a known refusal', async () => {
  for (const role of ['', 'x', `${'0'.repeat(68)}`, 'lnp_']) {
    const answer = await ask(role, 'GET', '/v1/getinfo');
    assert.equal(answer.status, 401);
    assert.match((await answer.json()).message, /^permission denied: /);
  }
  assert.equal((await fetch(`${proxy.url}/v1/getinfo`)).status, 401);
  assert.deepEqual(seen, []);
});

test('a token permits only the calls of its side', async () => {
  for (const [role, method, path] of [
    ['receive', 'POST', '/v2/router/send'],
    ['receive', 'GET', `/v2/router/track/${'A'.repeat(43)}=`],
    ['pay', 'POST', '/v1/invoices'],
    ['pay', 'GET', '/v1/payments'],
    ['pay', 'DELETE', '/v1/payments'],
    ['receive', 'GET', '/v1/invoices'],
    ['receive', 'GET', `/v1/invoice/${hash}?x=1`],
    ['receive', 'GET', '/v1/invoice/..%2f..%2fv1%2fpayments'],
  ]) {
    const answer = await ask(role, method, path, method === 'POST' ? '{}' : undefined);
    assert.equal(answer.status, 403, path);
    assert.match((await answer.json()).message, /^permission denied: /);
  }
  assert.deepEqual(seen, []);
});

test('stream lines are relayed as the node sends them, without a time limit', async () => {
  let say;
  plays['/v1/invoices/subscribe'] = (out) => {
    out.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    say = (line) => (line ? out.write(`${line}\n`) : out.end());
  };
  const answer = await ask('receive', 'GET', '/v1/invoices/subscribe?settle_index=7');
  assert.equal(seen[0].url, '/v1/invoices/subscribe?settle_index=7');
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (const line of ['{"result":1}', '{"result":"ünï"}']) {
    say(line);
    assert.equal((await reader.read()).value, `${line}\n`);
  }
  say();
  assert.equal((await reader.read()).done, true);
});

test("a truncated upstream response truncates the client's response", async () => {
  plays['/v2/router/send'] = (out) => {
    out.writeHead(200, { 'content-type': 'application/json' });
    out.write('{"result":{"status":"IN_FLIGHT"}}\n', () => setTimeout(() => out.destroy(), 50));
  };
  const answer = await ask('pay', 'POST', '/v2/router/send', '{}');
  assert.equal(answer.status, 200);
  await assert.rejects(answer.text(), /terminated/);
  plays['/v2/router/send'] = (out) => out.destroy();
  const none = await ask('pay', 'POST', '/v2/router/send', '{}');
  assert.equal(none.status, 502);
  assert.match((await none.json()).message, /^node-proxy: no answer came: /);
});

test('each send reaches the node once, on its own connection', async () => {
  plays['/v2/router/send'] = (out) => out.destroy();
  for (let i = 0; i < 3; ++i) await ask('pay', 'POST', '/v2/router/send', '{}');
  assert.equal(seen.length, 3);
  assert.equal(new Set(seen.map(({ socket }) => socket)).size, 3);
});

test('an unreachable node is reported as nothing sent', async () => {
  const closed = createServer();
  await once(closed.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${closed.address().port}`;
  await new Promise((done) => closed.close(done));
  const other = await startProxy(url, { receive: join(folder, 'receive.macaroon') }, join(folder, 'other'));
  const answer = await fetch(`${other.url}/v1/getinfo`, { headers: { authorization: `Bearer ${other.tokens.receive}` } });
  assert.equal(answer.status, 503);
  assert.match((await answer.json()).message, /^node-proxy: nothing was sent: /);
  assert.equal(await other.stop(), 0);
});

test('when the client disconnects the proxy closes its connection to the node', async () => {
  const hungUp = new Promise((done) => {
    plays['/v1/invoices/subscribe'] = (out, incoming) => {
      incoming.socket.once('close', done);
      out.writeHead(200).flushHeaders();
    };
  });
  const leaving = new AbortController();
  await ask('receive', 'GET', '/v1/invoices/subscribe', undefined, { signal: leaving.signal });
  leaving.abort();
  await Promise.race([hungUp, sleep(10_000).then(() => assert.fail('it holds on'))]);
});

/// Sends bytes, half-closes, and returns everything that the proxy sends until it closes.
async function raw(bytes) {
  const { hostname, port } = new URL(proxy.url);
  const socket = connect(Number(port), hostname);
  socket.end(bytes);
  let text = '';
  for await (const part of socket.setEncoding('latin1')) text += part;
  return text;
}

test('a half-closed client still gets the response to a send', async () => {
  plays['/v2/router/send'] = async (out) => {
    out.writeHead(200).write('{"result":{"status":"IN_FLIGHT"}}\n');
    await sleep(300);
    out.end('{"result":{"status":"SUCCEEDED"}}\n');
  };
  const said = await raw(`POST /v2/router/send HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${proxy.tokens.pay}\r\ncontent-length: 2\r\n\r\n{}`);
  assert.match(said, /SUCCEEDED/);
  assert.ok(said.endsWith('0\r\n\r\n'));
});

test('pipelined requests are answered in order; behind a stream they end it', async () => {
  const request = (path, last) => `GET ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${proxy.tokens.receive}\r\n${last ? 'connection: close\r\n' : ''}\r\n`;
  plays['/v1/getinfo'] = (out) => out.end('first');
  plays['/v1/state'] = (out) => out.end('second');
  assert.match(await raw(request('/v1/getinfo') + request('/v1/state', true)), /first[^]*second/);
  const hungUp = new Promise((done) => {
    plays['/v1/invoices/subscribe'] = (out, incoming) => {
      incoming.socket.once('close', done);
      out.writeHead(200).flushHeaders();
    };
  });
  const { hostname, port } = new URL(proxy.url);
  const socket = connect(Number(port), hostname).resume();
  socket.write(request('/v1/invoices/subscribe') + request('/v1/state'));
  await until('the node is asked', () => seen.some((each) => each.url.includes('/subscribe')));
  socket.end();
  await Promise.race([hungUp, sleep(10_000).then(() => assert.fail('it holds on'))]);
});

test('a client that does not read loses the response; memory stays bounded', async () => {
  const part = 'x'.repeat(1024 * 1024);
  let sent = 0;
  const stopped = new Promise((done) => {
    plays['/v1/channels'] = async (out, incoming) => {
      incoming.socket.once('close', done);
      out.writeHead(200);
      for (; sent < 100 && !out.destroyed; sent += 1) if (!out.write(part)) await Promise.race([once(out, 'drain'), once(out, 'close')]);
    };
  });
  const { hostname, port } = new URL(proxy.url);
  const socket = connect(Number(port), hostname).pause();
  socket.on('error', () => {});
  socket.write(`GET /v1/channels HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${proxy.tokens.receive}\r\n\r\n`);
  await stopped;
  assert.ok(sent < 60, `${sent} MiB were taken`);
  const { VmHWM } = Object.fromEntries(readFileSync(`/proc/${proxy.child.pid}/status`, 'utf8').split('\n').map((line) => line.split(/:\s+/)));
  assert.ok(parseInt(VmHWM, 10) < 90_000, VmHWM);
  socket.destroy();
});

test('malformed requests are rejected, and the proxy continues', async () => {
  assert.match(await raw('nonsense\r\n\r\n'), /^HTTP\/1.1 400 /);
  assert.match(await raw('GET /v1/getinfo HTTP/1.0\r\n\r\n'), /^HTTP\/1.1 505 /);
  assert.match(await raw(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(9_000)}\r\n\r\n`), /^HTTP\/1.1 413 /);
  assert.match(await raw(`POST /v1/invoices HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999\r\n\r\n`), /^HTTP\/1.1 413 /);
  assert.match(await raw('POST /v1/invoices HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx'), /^HTTP\/1.1 400 /);
  assert.deepEqual(seen, []);
  assert.equal((await ask('receive', 'GET', '/v1/getinfo')).status, 200);
});

test('a full proxy rejects with a refusal that means not sent, then recovers', async () => {
  const { hostname, port } = new URL(proxy.url);
  const others = await Promise.all(Array.from({ length: 1_024 }, async () => {
    const socket = connect(Number(port), hostname).on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }));
  // A new connection: fetch would reuse an open one.
  const send = `POST /v2/router/send HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${proxy.tokens.pay}\r\ncontent-length: 2\r\n\r\n{}`;
  await until('it is full', async () => /^HTTP\/1.1 503 [^]*"node-proxy: nothing was sent: /.test(await raw(send)));
  assert.deepEqual(seen, []);
  for (const socket of others) socket.destroy();
  await until('it goes on', async () => (await ask('receive', 'GET', '/v1/getinfo')).status === 200);
});

test('tokens are private to the user, survive a restart, and are recreated', async () => {
  const data = join(folder, 'kept');
  const macaroons = { receive: join(folder, 'receive.macaroon'), pay: join(folder, 'pay.macaroon') };
  const first = await startProxy(nodeUrl, macaroons, data);
  assert.equal(statSync(join(data, 'pay.token')).mode & 0o777, 0o600);
  assert.notEqual(first.tokens.receive, first.tokens.pay);
  await first.stop();
  rmSync(join(data, 'pay.token'));
  const second = await startProxy(nodeUrl, macaroons, data);
  assert.equal(second.tokens.receive, first.tokens.receive);
  assert.notEqual(second.tokens.pay, first.tokens.pay);
  for (const token of Object.values(second.tokens)) assert.ok(!second.output().includes(token));
  assert.ok(!second.output().includes(receiveMacaroon));
  await second.stop();
  chmodSync(join(data, 'pay.token'), 0o640);
  const args = ['node-proxy', '--listen', '127.0.0.1:0', '--data', data, '--lnd-url', nodeUrl, '--lnd-receive-macaroon', macaroons.receive];
  const refused = await new Promise((done) => execFile(program, [...args, '--lnd-pay-macaroon', macaroons.pay], (error, out, err) => done([error?.code, err])));
  assert.equal(refused[0], 1);
  assert.match(refused[1], /pay\.token has mode 0640, so other users may have access to the secret in it\. Run: chmod 600 .*pay\.token/);
});

test('at shutdown streams end and a send completes', async () => {
  const other = await startProxy(nodeUrl, { receive: join(folder, 'receive.macaroon'), pay: join(folder, 'pay.macaroon') });
  const call = (role, method, path, body) =>
    fetch(other.url + path, { method, body, headers: { authorization: `Bearer ${other.tokens[role]}` } });
  plays['/v1/invoices/subscribe'] = (out) => out.writeHead(200).flushHeaders();
  let finish;
  plays['/v2/router/send'] = (out) => {
    out.writeHead(200).write('{"result":{"status":"IN_FLIGHT"}}\n');
    finish = () => out.end('{"result":{"status":"SUCCEEDED"}}\n');
  };
  const stream = await call('receive', 'GET', '/v1/invoices/subscribe');
  const sending = await call('pay', 'POST', '/v2/router/send', '{}');
  const ended = other.stop();
  await assert.rejects(stream.text());
  finish();
  assert.match(await sending.text(), /SUCCEEDED/);
  assert.equal(await ended, 0);
});
