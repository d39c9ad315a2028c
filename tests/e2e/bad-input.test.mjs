// Requests that the server rejects: each gets the error object with the right status, and nothing is written.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { assertError, startHost, until } from './lib.mjs';

const body_bytes_max = 256 * 1024;
let host, api;

before(async () => {
  host = await startHost();
  ({ api } = host);
});
after(() => host?.stop());

const charge = (more = {}) => made(api('POST', '/v1/charges', { amount_sats: 21, ...more }));
async function made(asked) {
  const answer = await asked;
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}

/// The workspace's state: events, ledger entries, endpoints.
async function written() {
  const events = await api('GET', '/v1/events?limit=100');
  const balance = await api('GET', '/v1/balance');
  const endpoints = await api('GET', '/v1/webhook_endpoints');
  return [events.json.next_after_seq, balance.json.as_of_seq, balance.json.available_msat, endpoints.json.data.length];
}

/// Sends raw bytes on a new connection.
async function raw(bytes) {
  const { hostname, port } = new URL(host.url);
  const socket = connect(Number(port), hostname);
  const chunks = [];
  socket.setTimeout(5_000, () => socket.destroy());
  socket.on('error', () => {});
  socket.end(bytes);
  for await (const chunk of socket) chunks.push(chunk);
  const [head, text = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n');
  const [line, ...fields] = head.split('\r\n');
  const headers = new Headers(fields.map((field) => /^([^:]+): (.*)$/.exec(field).slice(1)));
  return { status: Number(line.split(' ')[1]), headers, text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
}

test('an invalid body is 400 and names the field', async (t) => {
  const before = await written();
  const endpoint = { url: 'http://127.0.0.1:9000/' };
  const cases = [
    ['/v1/charges', '{"amount_sats":21'],
    ['/v1/charges', '{"amount_sats":21}}'],
    ['/v1/charges', '\ufeff{"amount_sats":21}'],
    ['/v1/charges', "{'amount_sats':21}"],
    ['/v1/charges', '{"amount_sats":21,"amount_sats":22}'],
    ['/v1/charges', '{"amount_sats":21,"description":"\\ud800"}'],
    ['/v1/charges', `${'['.repeat(100_000)}`],
    ['/v1/charges', `{"metadata":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`],
    ['/v1/charges', `{"amount_sats":${'9'.repeat(200 * 1024)}}`],
    ['/v1/charges', '[]'],
    ['/v1/charges', '"text"'],
    ['/v1/charges', 'null'],
    ['/v1/charges', '{"min_sats":2,"max_sats":1}', 'max_sats'],
    ['/v1/charges', '{"max_sats":0}', 'max_sats'],
    ['/v1/charges', '{"amount_sats":21,"amount_msat":21000}', 'amount_sats'],
    ['/v1/charges', '{"amount_sats":"21"}', 'amount_sats'],
    ['/v1/charges', '{"amount_sats":0}', 'amount_sats'],
    ['/v1/charges', '{"amount_sats":-1}', 'amount_sats'],
    ['/v1/charges', '{"amount_sats":1.0}', 'amount_sats'],
    ['/v1/charges', '{"amount_sats":1e3}', 'amount_sats'],
    ['/v1/charges', '{"amount_sats":2100000000000001}', 'amount_sats'],
    ['/v1/charges', '{"amount_msat":true}', 'amount_msat'],
    ['/v1/charges', '{"amount_sats":21,"color":"red"}', 'color'],
    ['/v1/charges', '{"amount_sats":21,"Amount_sats":21}', 'Amount_sats'],
    ['/v1/charges', '{"amount_sats":21,"__proto__":{}}', '__proto__'],
    ['/v1/charges', '{"amount_sats":21,"description":7}', 'description'],
    ['/v1/charges', JSON.stringify({ amount_sats: 21, description: 'x'.repeat(640) }), 'description'],
    ['/v1/charges', JSON.stringify({ amount_sats: 21, description: 'x', description_hash: '0'.repeat(64) }), 'description_hash'],
    ['/v1/charges', '{"amount_sats":21,"description_hash":"xyz"}', 'description_hash'],
    ['/v1/charges', '{"amount_sats":21,"expires_in":0}', 'expires_in'],
    ['/v1/charges', '{"amount_sats":21,"metadata":[]}', 'metadata'],
    ['/v1/charges', JSON.stringify({ amount_sats: 21, metadata: { a: 'x'.repeat(5_000) } }), 'metadata'],
    ['/v1/charges', JSON.stringify({ amount_sats: 21, external_id: 'x'.repeat(256) }), 'external_id'],
    ['/v1/api_keys', '{}', 'scopes'],
    ['/v1/api_keys', '{"scopes":[]}', 'scopes'],
    ['/v1/api_keys', '{"scopes":"charges:read"}', 'scopes'],
    ['/v1/api_keys', '{"scopes":["charges:steal"]}', 'scopes'],
    ['/v1/api_keys', '{"scopes":["charges:read","charges:read"]}', 'scopes'],
    ['/v1/api_keys', '{"scopes":["charges:read"],"expires_at":"tomorrow"}', 'expires_at'],
    ['/v1/webhook_endpoints', '{}', 'url'],
    ['/v1/webhook_endpoints', '{"url":"ftp://example.com/"}', 'url'],
    ['/v1/webhook_endpoints', '{"url":"http://10.0.0.1:8080/"}', 'url'],
    ['/v1/webhook_endpoints', '{"url":"http://169.254.169.254/latest"}', 'url'],
    ['/v1/webhook_endpoints', '{"url":"https://user:pass@example.com/"}', 'url'],
    ['/v1/webhook_endpoints', JSON.stringify({ ...endpoint, event_types: ['charge.stolen'] }), 'event_types'],
  ];
  for (const [path, body, param] of cases) {
    await t.test(`${path} ${body.slice(0, 60)}`, async () => {
      assertError(await api('POST', path, body), 400, 'invalid_request', { param });
    });
  }
  assert.deepEqual(await written(), before, 'nothing was written');
});

test('an invalid query is 400 and names the parameter', async () => {
  const cases = [
    ['limit=0', 'limit'], ['limit=101', 'limit'], ['limit=1000000000', 'limit'], ['limit=two', 'limit'], ['limit=01', 'limit'],
    ['order=up', 'order'], ['status=unpaid', 'status'], ['created_gte=yesterday', 'created_gte'],
    ['cursor=forged', 'cursor'], ['colour=red', 'colour'], ['limit=1&limit=2', 'limit'], ['external_id=%zz', undefined],
  ];
  for (const [query, param] of cases) assertError(await api('GET', `/v1/charges?${query}`), 400, 'invalid_request', { param });
  const { id } = await charge();
  for (const wait of ['26', '-1', 'x']) {
    assertError(await api('GET', `/v1/charges/${id}?wait=${wait}`), 400, 'invalid_request', { param: 'wait' });
  }
});

test('a body of 256 KiB is accepted, one byte more is 413', async () => {
  const before = await written();
  const padded = (size) => `{"amount_sats":"${'x'.repeat(size - 18)}"}`;
  assertError(await api('POST', '/v1/charges', padded(body_bytes_max)), 400, 'invalid_request', { param: 'amount_sats' });
  assertError(await api('POST', '/v1/charges', padded(body_bytes_max + 1)), 413, 'payload_too_large');
  const fields = ['Host: a', `Authorization: Bearer ${host.env.LNTPAY_API_KEY}`, 'Content-Type: application/json'];
  const head = `POST /v1/charges HTTP/1.1\r\n${fields.join('\r\n')}\r\n`;
  assertError(await raw(`${head}Content-Length: 300000\r\n\r\n`), 413, 'payload_too_large');
  const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
  assertError(await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(9)}0\r\n\r\n`), 413, 'payload_too_large');
  assert.deepEqual(await written(), before);
});

test('malformed HTTP is rejected with the same error object', async () => {
  const post = 'POST /v1/charges HTTP/1.1\r\nHost: a\r\n';
  const cases = [
    ['GET /readyz HTTP/1.1\r\nHost: a\r\nA b: c\r\n\r\n', 400, 'invalid_request'],
    ['GET /readyz HTTP/1.1\r\nHost: a\r\nx: 1\r\n folded\r\n\r\n', 400, 'invalid_request'],
    ['GET /readyz HTTP/1.1\r\n\r\n', 400, 'invalid_request'],
    [`${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`, 400, 'invalid_request'],
    [`${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400, 'invalid_request'],
    [`${post}Content-Length: 2\r\nContent-Encoding: gzip\r\n\r\n{}`, 415, 'unsupported_media_type'],
    [Buffer.from('GET /v1/\xff HTTP/1.1\r\nHost: a\r\n\r\n', 'latin1'), 400, 'invalid_request'],
    [`GET /${'x'.repeat(8 * 1024)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414, 'uri_too_long'],
    [`GET / HTTP/1.1\r\nHost: a\r\n${'x: y\r\n'.repeat(100)}\r\n`, 431, 'headers_too_large'],
    [`GET / HTTP/1.1\r\nHost: a\r\nx: ${'y'.repeat(16 * 1024)}\r\n\r\n`, 431, 'headers_too_large'],
  ];
  for (const [bytes, status, code] of cases) assertError(await raw(bytes), status, code);
});

test('a body of another type is 415', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1']) {
    const headers = { 'content-type': type };
    assertError(await api('POST', '/v1/charges', '{"amount_sats":21}', { headers }), 415, 'unsupported_media_type');
  }
});

test('a missing, malformed, unknown, revoked or expired key is the same 401', async () => {
  const right = host.env.LNTPAY_API_KEY;
  const revoked = await made(api('POST', '/v1/api_keys', { scopes: ['charges:read'] }));
  assert.equal((await api('GET', '/v1/charges', undefined, { key: revoked.key })).status, 200);
  const again = await api('DELETE', `/v1/api_keys/${revoked.id}`);
  assert.equal(again.status, 200);
  assert.ok(again.json.revoked_at);
  const expires_at = new Date(Date.now() + 1_000).toISOString();
  const expired = await made(api('POST', '/v1/api_keys', { scopes: ['charges:read'], expires_at }));
  await until('the key expires', async () => (await api('GET', '/v1/charges', undefined, { key: expired.key })).status === 401);
  const said = new Set();
  const mistyped = right.replace(/.$/, (c) => (c === '0' ? '1' : '0'));
  const keys = [null, 'x', right.slice(0, -1), `${right}0`, mistyped, host.env.LNTPAY_OPERATOR_TOKEN];
  for (const key of [...keys, revoked.key, expired.key]) {
    const answer = await api('GET', '/v1/charges', undefined, { key });
    assertError(answer, 401, 'unauthenticated');
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
    said.add(answer.json.error.message);
  }
  for (const authorization of [`Basic ${right}`, right, 'Bearer', `Bearer  ${right} x`]) {
    assertError(await api('GET', '/v1/charges', undefined, { key: null, headers: { authorization } }), 401, 'unauthenticated');
  }
  assert.equal(said.size, 1);
});

test('a key is limited to its scopes, and cannot grant more', async () => {
  const narrow = await made(api('POST', '/v1/api_keys', { scopes: ['charges:read', 'keys:write'] }));
  const key = narrow.key;
  const refused = await api('POST', '/v1/charges', { amount_sats: 21 }, { key });
  assertError(refused, 403, 'insufficient_scopes');
  assert.deepEqual(refused.json.error.details, { required: ['charges:write'], missing: ['charges:write'] });
  assertError(await api('POST', '/v1/api_keys', { scopes: ['charges:read', 'ledger:read'] }, { key }), 403, 'insufficient_scopes');
  assert.equal((await api('GET', '/v1/api_keys/current', undefined, { key })).json.id, narrow.id);
  assert.ok(!(await api('GET', '/v1/api_keys')).text.includes(key), 'a key is shown once');
  assertError(await api('POST', '/v1/admin/workspaces', { name: 'mine' }), 401, 'unauthenticated');
});

test('test and live never mix', async () => {
  const { id } = await charge();
  const as_live = { key: host.env.LNTPAY_LIVE_API_KEY };
  assertError(await api('POST', `/v1/sandbox/charges/${id}/pay`, {}, as_live), 403, 'environment_mismatch');
  assertError(await api('POST', '/v1/charges', { amount_sats: 21 }, as_live), 503, 'node_unavailable');
  const other = await api('GET', `/v1/charges/${id}`, undefined, as_live);
  const unknown = await api('GET', `/v1/charges/${id.slice(0, -4)}0000`, undefined, as_live);
  assertError(other, 404, 'not_found');
  const same = (answer) => answer.text.replaceAll(answer.json.error.request_id, '');
  assert.equal(same(other), same(unknown));
  assert.deepEqual((await api('GET', '/v1/charges', undefined, as_live)).json.data, []);
  assert.equal((await api('GET', '/v1/balance', undefined, as_live)).json.environment, 'live');
  assert.equal((await api('GET', `/v1/charges/${id}`)).json.status, 'pending');
});

test('an unknown path is 404, another method is 405 with Allow', async () => {
  const paths = ['/', '/v1', '/v2/charges', '/v1/charges/', '/v1/charges/nope', `/v1/charges/ch_00${'0'.repeat(26)}`, '/v1/charge'];
  for (const path of paths) {
    assertError(await api('GET', path), 404, 'not_found');
  }
  const cases = [
    ['DELETE', '/v1/charges', 'POST, GET, HEAD, OPTIONS'],
    ['PUT', '/v1/balance', 'GET, HEAD, OPTIONS'],
    ['GET', '/v1/sandbox/charges/x/pay', 'POST, OPTIONS'],
  ];
  for (const [method, path, allowed] of cases) {
    const answer = await api(method, path);
    assertError(answer, 405, 'method_not_allowed');
    assert.deepEqual(answer.headers.get('allow').split(', ').sort(), allowed.split(', ').sort());
  }
});
