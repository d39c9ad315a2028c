// `lntpay verify`, `listen` and `trigger`: receiving webhooks on a developer's machine.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { verifyWebhook } from '../../examples/webhooks/verify.mjs';
import { until } from './lib.mjs';
import { call, freePort, program, scratchFolder, startHost } from './lib_process.mjs';

let host, env;
const data = scratchFolder();
const startServer = (port) => startHost({ data, port, args: ['--rate-limit', '100000/1'] });

before(async () => {
  host = await startServer(await freePort());
  env = { ...process.env, LNTPAY_BASE_URL: `${host.url}/v1`, LNTPAY_API_KEY: host.key };
  delete env.LNTPAY_WEBHOOK_SECRET;
});
after(() => host?.stop());

/// Runs a command to its end: {code, stdout, stderr}.
async function lntpay(args, { input = '', more = {} } = {}) {
  const child = spawn(program, args, { env: { ...env, ...more } });
  const result = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (result[name] += text));
  child.stdin.on('error', () => {}).end(input);
  [result.code] = await once(child, 'close');
  return result;
}

const trigger = async (...args) => {
  const { code, stdout, stderr } = await lntpay(['trigger', ...args]);
  assert.equal(code, 0, `${args}: ${stderr}`);
  return JSON.parse(stdout);
};

/// A receiver that keeps what it gets: {requests, url, answer, close()}.
async function startReceiver(port = 0) {
  const receiver = { requests: [], answer: () => 200 };
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    receiver.requests.push({ headers: request.headers, body: Buffer.concat(pieces).toString() });
    response.writeHead(receiver.answer(request)).end();
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  receiver.port = server.address().port;
  receiver.url = `http://127.0.0.1:${receiver.port}/hook`;
  receiver.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return receiver;
}

/// `lntpay listen`, started: {lines, secret, said(), stop()}.
async function startListen(t, url, ...args) {
  const child = spawn(program, ['listen', '--forward-to', url, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const listen = { lines: [], errors: '', child };
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more) => {
    const lines = (text + more).split('\n');
    text = lines.pop();
    listen.lines.push(...lines.map((line) => JSON.parse(line)));
  });
  child.stderr.setEncoding('utf8').on('data', (more) => (listen.errors += more));
  await until('the first line', () => listen.lines.length > 0 || child.exitCode !== null);
  assert.equal(child.exitCode, null, listen.errors);
  return listen;
}
const lineOf = (listen, made) => until(`a line for ${made.event_type}`, () => listen.lines.find((line) => line.event_id === made.event_id && line.status === 200), 40_000);

// --- verify ---------------------------------------------------------------------------------------------------------------

const shown = () => `whsec_${randomBytes(24).toString('base64')}`;
const now = () => Math.floor(Date.now() / 1000);
const body = '{"id":"evt_1","type":"charge.paid"}';
const sign = (secret, timestamp, text = body) =>
  `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(`evt_1.${timestamp}.${text}`).digest('base64')}`;
const headersOf = (timestamp, ...signatures) => ['-H', 'Webhook-Id: evt_1', '-H', `webhook-timestamp: ${timestamp}`, '-H', `webhook-signature: ${signatures.join(' ')}`];
async function verify(args, options) {
  const { code, stdout, stderr } = await lntpay(['verify', ...args], { input: body, ...options });
  assert.ok(stdout, stderr);
  const { ok, checks } = JSON.parse(stdout);
  assert.equal(ok, code === 0);
  return [code, ...checks.map(({ header, result, secret }) => `${header} ${result} ${secret}`)];
}

test('verify names the secret that matches during a rotation', async () => {
  const [first, second, other] = [shown(), shown(), shown()];
  const time = now();
  const headers = headersOf(time, sign(second, time), sign(first, time));
  assert.deepEqual(await verify(['--secret', first, ...headers]), [0, 'webhook-signature valid 1']);
  assert.deepEqual(await verify(['--secret', other, '--secret', second, ...headers]), [0, 'webhook-signature valid 2']);
  assert.deepEqual(await verify(headers, { more: { LNTPAY_WEBHOOK_SECRET: `${other} ${second}` } }), [0, 'webhook-signature valid 2']);
  assert.deepEqual(await verify(['--secret', other, ...headers]), [1, 'webhook-signature mismatch null']);
  const flags = ['--id', 'evt_1', '--timestamp', String(time), '--signature', sign(first, time)];
  assert.deepEqual(await verify(['--secret', first, ...flags]), [0, 'webhook-signature valid 1']);
});

test('verify reports stale, future and changed webhooks', async () => {
  const secret = shown();
  const check = (time, options) => verify(['--secret', secret, ...headersOf(time, sign(secret, time))], options);
  assert.deepEqual(await check(now() - 400), [1, 'webhook-signature stale 1']);
  assert.deepEqual(await check(now() + 400), [1, 'webhook-signature future 1']);
  assert.deepEqual(await check(now(), { input: `${body} ` }), [1, 'webhook-signature mismatch null']);
  const time = now() - 400;
  assert.deepEqual(await verify(['--secret', secret, '--tolerance', '1000', ...headersOf(time, sign(secret, time))]), [0, 'webhook-signature valid 1']);
});

test('verify checks the hex headers where they are the only ones', async () => {
  const secret = shown();
  const hex = createHmac('sha256', secret).update(body).digest('hex');
  for (const name of ['X-Signature', 'X-LNTPay-Signature'])
    assert.deepEqual(await verify(['--secret', secret, '-H', `${name}: ${hex}`]), [0, `${name.toLowerCase()} valid 1`]);
  assert.deepEqual(await verify(['--secret', shown(), '-H', `X-Signature: ${hex}`]), [1, 'x-signature mismatch null']);
});

test('verify without a secret or a signature is wrong usage', async () => {
  assert.equal((await lntpay(['verify', ...headersOf(now(), 'v1,')])).code, 2);
  assert.equal((await lntpay(['verify', '--secret', shown()])).code, 2);
  assert.equal((await lntpay(['verify', '--secret', shown(), '-H', 'webhook-id'])).code, 2);
});

// --- trigger --------------------------------------------------------------------------------------------------------------

const events = [
  ...['charge.created', 'charge.paid', 'charge.paid_late', 'charge.underpaid', 'charge.expired', 'charge.canceled'],
  ...['withdrawal.created', 'withdrawal.dispatched', 'withdrawal.succeeded', 'withdrawal.failed', 'withdrawal.unknown'],
  ...['webhook.test', 'webhook_endpoint.failing', 'webhook_endpoint.disabled'],
  ...['api_key.created', 'api_key.revoked', 'api_key.rolled', 'gate.redeemed', 'gate.released'],
];

test('trigger makes each event happen', async (t) => {
  for (const event of events) {
    await t.test(event, async () => {
      const made = await trigger(event, '--amount-sats', '777');
      assert.equal(made.event_type, event);
      assert.ok(made.steps.length > 0);
      const found = (await call(`${host.url}/v1/events/${made.event_id}`, { key: host.key })).json;
      assert.equal(found.type, event);
      if (made.object_id) assert.equal(found.data.id, made.object_id);
      if (event.startsWith('charge.') || event.startsWith('withdrawal.')) assert.equal(found.data.amount_sats, 777);
    });
  }
  const { faults } = (await call(`${host.url}/v1/sandbox`, { key: host.key })).json;
  assert.deepEqual(faults, []);
  assert.deepEqual((await call(`${host.url}/v1/webhook_endpoints`, { key: host.key })).json.data, []);
});

test('trigger lists the events that it knows', async () => {
  const { code, stderr } = await lntpay(['trigger', 'charge.imagined']);
  assert.equal(code, 2);
  for (const event of events) assert.ok(stderr.includes(event), stderr);
});

// --- listen ---------------------------------------------------------------------------------------------------------------

test('listen forwards new events, signed with the secret that it prints', async (t) => {
  const receiver = await startReceiver();
  t.after(receiver.close);
  await trigger('charge.created'); // before its start: not forwarded
  const listen = await startListen(t, receiver.url, '--events', 'charge.*');
  const [{ secret }] = listen.lines;
  await trigger('api_key.created');
  const made = await trigger('charge.paid');
  const line = await lineOf(listen, made);
  assert.deepEqual([line.seq, line.event_type, line.object_id], [made.seq, 'charge.paid', made.object_id]);
  assert.ok(line.latency_ms >= 0 && line.failure === null);
  assert.deepEqual(receiver.requests.map((each) => JSON.parse(each.body).type), ['charge.created', 'charge.paid']);
  const request = receiver.requests.at(-1);
  assert.equal(verifyWebhook([secret], request.headers, Buffer.from(request.body)).id, made.event_id);
  assert.equal(request.body, (await call(`${host.url}/v1/events/${made.event_id}`, { key: host.key })).text);
  const hex = createHmac('sha256', secret).update(request.body).digest('hex');
  assert.deepEqual([request.headers['x-signature'], request.headers['x-lntpay-signature']], [hex, hex]);
});

test('listen retries an event that is refused, and --resend sends it later', async (t) => {
  const receiver = await startReceiver();
  t.after(receiver.close);
  const secret = shown();
  const listen = await startListen(t, receiver.url, '--secret', secret, '--events', 'charge.created');
  receiver.answer = () => (receiver.requests.length === 1 ? 500 : 200);
  const retried = await trigger('charge.created');
  await lineOf(listen, retried);
  assert.deepEqual(listen.lines.slice(1).map(({ status }) => status), [500, 200]);
  receiver.answer = () => 500;
  const refused = await trigger('charge.created');
  await until('the advice', () => listen.errors.includes(`--resend ${refused.event_id}`));
  receiver.answer = () => 200;
  const resent = await lntpay(['listen', '--forward-to', receiver.url, '--secret', secret, '--resend', refused.event_id]);
  assert.equal(resent.code, 0, resent.stderr);
  const request = receiver.requests.at(-1);
  assert.equal(verifyWebhook([secret], request.headers, Buffer.from(request.body)).id, refused.event_id);
});

test('listen survives a restart of the receiver and of the server', async (t) => {
  let receiver = await startReceiver();
  t.after(() => receiver.close());
  const listen = await startListen(t, receiver.url, '--events', 'charge.created');
  receiver.close();
  const first = await trigger('charge.created');
  await until('a failed attempt', () => listen.lines.some(({ failure }) => failure));
  receiver = await startReceiver(receiver.port);
  await lineOf(listen, first);

  const port = Number(new URL(host.url).port);
  await host.kill();
  await until('the warning', () => listen.errors.includes('Trying again'));
  host = await startServer(port);
  const second = await trigger('charge.created');
  await lineOf(listen, second);
  assert.deepEqual(receiver.requests.map((each) => JSON.parse(each.body).id), [first.event_id, second.event_id]);
});

test('listen --after continues after an event', async (t) => {
  const receiver = await startReceiver();
  t.after(receiver.close);
  const [first, second] = [await trigger('charge.created'), await trigger('charge.created')];
  const listen = await startListen(t, receiver.url, '--after', String(first.seq), '--events', 'charge.created');
  await lineOf(listen, second);
  assert.deepEqual(receiver.requests.map((each) => JSON.parse(each.body).id), [second.event_id]);
});

test('listen follows from the first event after a reset of the sandbox', async (t) => {
  const receiver = await startReceiver();
  t.after(receiver.close);
  const listen = await startListen(t, receiver.url, '--events', 'charge.created');
  const reset = await call(`${host.url}/v1/sandbox/reset`, { method: 'POST', key: host.key, body: {} });
  assert.equal(reset.status, 200, reset.text);
  await lineOf(listen, await trigger('charge.created'));
  assert.match(listen.errors, /were reset/);
});

test('listen refuses unknown events, URLs and secrets', async () => {
  const refuses = async (...args) => assert.equal((await lntpay(['listen', ...args])).code, 2, args.join(' '));
  await refuses('--forward-to', 'localhost:1/hook', '--events', 'charge.imagined');
  await refuses('--forward-to', 'ftp://localhost/hook');
  await refuses('--forward-to', 'localhost:1', '--secret', 'whsec_?');
  await refuses('--forward-to', 'localhost:1', '--resend', 'evt_1'); // the secret is missing
});
