// The TypeScript client against servers that lie, hang, cut and answer HTML: each call ends in time, with an error of its own kind and the
// Idempotency-Key to go on with, and never returns what is no answer to it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { listen, sdk } from './lib_sdk.mjs';

const apiKey = 'lnt_test_000000000000000000000000000000000000';
const charge = { object: 'charge', id: 'ch_1', status: 'pending', amount_sats: 21 };
const closers = [];
after(() => closers.forEach((close) => close()));

/// A client of a server that answers every request so; `asked` holds the requests.
async function clientOf(answer, options = {}) {
  const asked = [];
  const server = await listen((request, response) => {
    asked.push({ method: request.method, url: request.url, headers: request.headers });
    answer(response, request, asked.length);
  });
  closers.push(server.close);
  const lntpay = new sdk.LNTPay({ apiKey, baseUrl: server.url, timeoutMs: 300, retries: 2, backoffMs: 1, ...options });
  return { lntpay, asked };
}

const json = (status, value, headers = {}) => (response) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(typeof value === 'string' ? value : JSON.stringify(value));
const html = (status) => (response) => response.writeHead(status, { 'content-type': 'text/html' }).end('<html><h1>Welcome</h1></html>');
const error = (status, code, more = {}, headers = {}) => json(status, { error: { code, message: 'No.', request_id: 'req_1', ...more } }, headers);

/// name: [the server's answer, the class of the client's error, how often the client asks]
const cases = {
  'HTML with 200': [html(200), 'UnexpectedResponseError', 3],
  'HTML with 404': [html(404), 'UnexpectedResponseError', 1],
  'HTML with 502': [html(502), 'UnexpectedResponseError', 3],
  'an empty 200': [json(200, ''), 'UnexpectedResponseError', 3],
  'an empty 500': [json(500, ''), 'UnexpectedResponseError', 3],
  'truncated JSON': [json(200, '{"object":"charge","id":"ch_'), 'UnexpectedResponseError', 3],
  'JSON null': [json(200, 'null'), 'UnexpectedResponseError', 3],
  'a JSON list': [json(200, [charge]), 'UnexpectedResponseError', 3],
  'a JSON number': [json(200, '21'), 'UnexpectedResponseError', 3],
  'a million brackets': [json(200, '['.repeat(1_000_000)), 'UnexpectedResponseError', 3],
  'no UTF-8': [(response) => response.writeHead(200).end(Buffer.from([0x22, 0xff, 0x22])), 'ConnectionError', 3],
  'another object': [json(200, { ...charge, object: 'withdrawal', id: 'wd_1' }), 'UnexpectedResponseError', 3],
  'a charge without an object': [json(200, { id: 'ch_1' }), 'UnexpectedResponseError', 3],
  'an error that is a text': [json(402, { error: 'pay' }), 'UnexpectedResponseError', 1],
  'an error with a code that is a number': [json(400, { error: { code: 7, message: [] } }), 'UnexpectedResponseError', 1],
  'a redirect elsewhere': [(response) => response.writeHead(302, { location: 'https://attacker.example/' }).end(), 'UnexpectedResponseError', 1],
  'a redirect without a Location': [(response) => response.writeHead(307).end(), 'UnexpectedResponseError', 1],
  'no response': [() => {}, 'TimeoutError', 3],
  'a head and no body': [(response) => response.writeHead(200, { 'content-length': '100' }).flushHeaders(), 'TimeoutError', 3],
  'a body of one byte each 50 ms': [
    (response) => {
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    },
    'TimeoutError',
    3,
  ],
  'a connection closed at once': [(response) => response.destroy(), 'ConnectionError', 3],
  'a body that is cut': [
    (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"object":"charge"', () => response.destroy());
    },
    'ConnectionError',
    3,
  ],
  'a 429 that asks for a year': [error(429, 'rate_limit_exceeded', {}, { 'retry-after': '31536000' }), 'RateLimitError', 1],
  'a 503 whose Retry-After is no time': [error(503, 'overloaded', {}, { 'retry-after': 'soon' }), 'ServerError', 3],
  'a 503 whose Retry-After is past': [error(503, 'overloaded', {}, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }), 'ServerError', 3],
  'a 503 whose Retry-After is negative': [error(503, 'overloaded', {}, { 'retry-after': '-5' }), 'ServerError', 3],
  'a 401': [error(401, 'unauthenticated'), 'AuthenticationError', 1],
  'a 403': [error(403, 'insufficient_scopes', { details: { missing: ['charges:write'] } }), 'PermissionError', 1],
  'a 404': [error(404, 'not_found'), 'NotFoundError', 1],
  'a 409 of a state': [error(409, 'invalid_state'), 'ConflictError', 1],
  'a 409 that stays in progress': [error(409, 'idempotency_in_progress'), 'ConflictError', 3],
  'a 422': [error(422, 'bolt11_expired'), 'UnprocessableError', 1],
  'a 422 of the balance': [error(422, 'insufficient_funds'), 'InsufficientFundsError', 1],
  'a 500': [error(500, 'internal_error'), 'ServerError', 3],
};
const never_executed = new Set(['RateLimitError', 'AuthenticationError', 'PermissionError', 'NotFoundError', 'UnprocessableError', 'InsufficientFundsError']);

for (const [name, [answer, expected, attempts]] of Object.entries(cases)) {
  test(`${name} is a ${expected} after ${attempts} of 3 attempts`, async () => {
    const { lntpay, asked } = await clientOf(answer);
    const began = Date.now();
    const failure = await lntpay.charges.create({ amount_sats: 21 }).then(assert.fail, (reason) => reason);
    assert.ok(Date.now() - began < 3_000, `${Date.now() - began} ms`);
    assert.equal(failure.name, expected, failure.message);
    assert.ok(failure instanceof sdk[expected] && failure instanceof sdk.LNTPayError);
    assert.equal(asked.length, attempts);
    assert.equal(new Set(asked.map(({ headers }) => headers['idempotency-key'])).size, 1, 'each attempt has the same key');
    assert.equal(failure.idempotencyKey, asked[0].headers['idempotency-key']);
    const unknown = !never_executed.has(expected) && name !== 'a 409 of a state';
    assert.equal(failure.outcomeUnknown, unknown);
    assert.ok(!JSON.stringify(failure, Object.getOwnPropertyNames(failure)).includes(apiKey), 'the error does not show the key');
  });
}

test('an error has the code, param, details and request id of the API', async () => {
  const refused = error(400, 'invalid_request', { param: 'amount_sats', details: { max: 7 } }, { 'request-id': 'req_9', 'retry-after': '3' });
  const { lntpay } = await clientOf(refused);
  await assert.rejects(lntpay.charges.create({ amount_sats: 0 }), {
    name: 'InvalidRequestError', status: 400, code: 'invalid_request', message: 'No.', param: 'amount_sats', details: { max: 7 }, requestId: 'req_9', retryAfterSeconds: 3,
  });
});

test('a charge of another id is no answer', async () => {
  const { lntpay } = await clientOf(json(200, charge));
  assert.equal((await lntpay.charges.get('ch_1')).id, 'ch_1');
  await assert.rejects(lntpay.charges.get('ch_2'), { name: 'UnexpectedResponseError' });
  await assert.rejects(lntpay.charges.wait('ch_2', { timeoutMs: 50 }), { name: 'UnexpectedResponseError' });
});

test('an id that would name another path is refused before it is sent', async () => {
  const { lntpay, asked } = await clientOf(json(200, charge));
  for (const id of ['', '.', '..', undefined, null]) assert.throws(() => lntpay.charges.get(id), TypeError);
  await assert.rejects(lntpay.charges.get('../balance?x=1#'), { name: 'UnexpectedResponseError' });
  assert.deepEqual(new Set(asked.map(({ url }) => url)), new Set(['/v1/charges/..%2Fbalance%3Fx%3D1%23']));
});

test('a response without an end is given up at its limit', async () => {
  let sent = 0;
  const megabyte = Buffer.alloc(1_000_000, ' ');
  const { lntpay } = await clientOf((response) => {
    const push = () => {
      while (!response.destroyed && response.write(megabyte)) sent += 1;
      sent += 1;
    };
    response.on('drain', push);
    push();
  }, { timeoutMs: 20_000, retries: 0 });
  await assert.rejects(lntpay.balance.get(), { name: 'ConnectionError', message: /too large/ });
  assert.ok(sent < 300, `${sent} MB`);
});

test('what is no HTTP is a ConnectionError', async () => {
  const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  const lntpay = new sdk.LNTPay({ apiKey, baseUrl: `http://127.0.0.1:${server.address().port}`, retries: 1, backoffMs: 1 });
  await assert.rejects(lntpay.balance.get(), { name: 'ConnectionError' });
});

test('a list that never ends by itself, or is none, ends', async () => {
  const page = { object: 'list', data: [charge], has_more: true };
  const circle = await clientOf(json(200, { ...page, next_cursor: 'c1' }));
  await assert.rejects(circle.lntpay.charges.list().toArray(), { name: 'UnexpectedResponseError', message: /returns to a page/ });
  assert.equal(circle.asked.length, 2);
  const none = await clientOf(json(200, { object: 'list', data: { 0: charge }, has_more: false }));
  await assert.rejects(none.lntpay.charges.list().toArray(), { name: 'UnexpectedResponseError' });
  const lost = await clientOf(json(200, page));  // has_more without a cursor
  assert.equal((await lost.lntpay.charges.list().toArray()).length, 1);
  const endless = await clientOf((response, _, n) => json(200, { ...page, next_cursor: `c${n}` })(response));
  assert.equal((await endless.lntpay.charges.list().toArray(5)).length, 5);
  assert.equal(endless.asked.length, 5);
});

test('a wait outlives failures, does not spin, and ends at its time with what is known', async () => {
  const recovering = await clientOf((response, _, n) => (n <= 4 ? html(502)(response) : json(200, { ...charge, status: 'paid' })(response)));
  assert.equal((await recovering.lntpay.charges.wait('ch_1', { timeoutMs: 10_000 })).status, 'paid');
  const hasty = await clientOf(json(200, charge));  // answers at once, whatever `wait` is
  assert.equal((await hasty.lntpay.charges.wait('ch_1', { timeoutMs: 2_500 })).status, 'pending');
  assert.ok(hasty.asked.length <= 4, `${hasty.asked.length} requests`);
  const gone = await clientOf((response) => response.destroy(), { retries: 0 });
  await assert.rejects(gone.lntpay.charges.wait('ch_1', { timeoutMs: 100 }), { name: 'ConnectionError' });
  const refusing = await clientOf(error(404, 'not_found'));
  await assert.rejects(refusing.lntpay.charges.wait('ch_1'), { name: 'NotFoundError' });
});

test('an aborted write names its key, and stops at once', async () => {
  const { lntpay, asked } = await clientOf(() => {}, { timeoutMs: 10_000 });
  const stop = new AbortController();
  const call = lntpay.charges.create({ amount_sats: 21 }, { signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  const failure = await call.then(assert.fail, (reason) => reason);
  assert.equal(failure.name, 'ConnectionError');
  assert.equal(failure.idempotencyKey, asked[0].headers['idempotency-key']);
  assert.equal(asked.length, 1);
});

test('a client is not made without a key, and shows none', () => {
  assert.throws(() => new sdk.LNTPay({ apiKey: 'lnt_test_a\r\nx: y' }), TypeError);
  assert.throws(() => new sdk.LNTPay({ apiKey: apiKey.replace('test', 'live') }), /base URL is missing/);
  const lntpay = new sdk.LNTPay({ apiKey, baseUrl: 'http://127.0.0.1:1/v1/' });
  assert.equal(lntpay.routes.api.baseUrl, 'http://127.0.0.1:1');
  assert.ok(!JSON.stringify(lntpay).includes(apiKey));
});
