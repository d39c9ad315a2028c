// The types of events over HTTP: their schemas are JSON Schemas 2020-12 to a published validator, and samples and real webhooks match them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root, startHost, until } from './lib.mjs';

const require = createRequire(join(root, 'tests/'));
const Ajv = require('ajv/dist/2020').default;
const addFormats = require('ajv-formats').default;

/// Strict, so that a keyword that the validator would ignore is an error. It draws no line between a type and a list of types.
const ajv = addFormats(new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }));
const received = []; // {path, body}
let host, call, receiver, url, types;
const validators = {};

before(async () => {
  receiver = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    received.push({ path: request.url, body });
    response.writeHead(request.url === '/gone' ? 410 : 200).end();
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = `http://127.0.0.1:${receiver.address().port}`;
  host = await startHost();
  call = async (method, path, body) => {
    const answer = await host.api(method, `/v1${path}`, body, { headers: { 'idempotency-key': crypto.randomUUID() } });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`);
    return answer.json;
  };
  types = (await call('GET', '/event_types')).data;
  for (const { name, schema } of types) validators[name] = ajv.compile(schema);
});
after(async () => {
  receiver?.close().closeAllConnections();
  await host?.stop();
});

const matches = (event) => {
  const validate = validators[event.type];
  assert.ok(validate(event), `${event.type}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(event)}`);
};
const endpoint = (path, more = {}) => call('POST', '/webhook_endpoints', { url: url + path, ...more });
const at = (path) => received.filter((each) => each.path === path).map(({ body }) => JSON.parse(body));

test('the server serves the bytes of the golden file', async () => {
  const golden = readFileSync(join(root, 'tests/golden/event_types.ndjson'), 'utf8').trimEnd().split('\n');
  const answer = await host.api('GET', '/v1/event_types');
  assert.ok(answer.text.startsWith(`{"data":[${golden.join(',')}],`));
  for (const [i, { name }] of types.entries()) assert.equal((await host.api('GET', `/v1/event_types/${name}`)).text, golden[i]);
});

test('a published validator accepts each sample by the schema of its type, and no other', () => {
  for (const { name, sample } of types) {
    matches(sample);
    assert.equal(sample.sample, true);
    for (const other of types) if (other.name !== name) assert.ok(!validators[other.name](sample), `${name} as ${other.name}`);
    for (const member of Object.keys(sample.data)) {
      const { [member]: _, ...rest } = sample.data;
      assert.ok(!validators[name]({ ...sample, data: rest }), `${name} without ${member}`);
    }
  }
});

test('real webhooks match the schemas', async () => {
  await endpoint('/all');
  const pay = ({ id }, how = {}) => call('POST', `/sandbox/charges/${id}/pay`, how);
  const charge = () => call('POST', '/charges', { amount_sats: 5_000, metadata: { nested: [{}] } });
  await pay(await charge());
  const expired = await charge();
  await call('POST', `/sandbox/charges/${expired.id}/expire`, {});
  await pay(expired, { late: true });
  await call('POST', `/charges/${(await charge()).id}/cancel`, {});
  for (const behavior of ['succeed', 'fail']) {
    const { bolt11 } = await call('POST', '/sandbox/invoices', { amount_sats: 100, behavior });
    await call('POST', '/withdrawals', { bolt11 });
  }
  const key = await call('POST', '/api_keys', { scopes: ['charges:read'] });
  await call('POST', `/api_keys/${key.id}/roll`, {});
  await call('DELETE', `/api_keys/${key.id}`);
  const gone = await endpoint('/gone', { event_types: ['charge.created'] });
  await call('POST', `/webhook_endpoints/${gone.id}/test`, {});
  const expected = [
    ...['created', 'paid', 'paid_late', 'expired', 'canceled'].map((name) => `charge.${name}`),
    ...['created', 'dispatched', 'succeeded', 'failed'].map((name) => `withdrawal.${name}`),
    ...['created', 'rolled', 'revoked'].map((name) => `api_key.${name}`),
    'webhook_endpoint.disabled',
  ];
  const missing = () => expected.filter((type) => !at('/all').some((event) => event.type === type));
  await until('all are delivered', () => missing().length === 0, 15_000).catch(() => assert.deepEqual(missing(), []));
  for (const event of at('/all')) {
    matches(event);
    assert.ok(!('sample' in event));
  }
});

test('a test sends a sample of each type to its endpoint alone', async () => {
  const own = await endpoint('/own', { event_types: ['charge.created'] });
  const before = at('/all').length;
  for (const { name, sample } of types) {
    const { event_id, event_type } = await call('POST', `/webhook_endpoints/${own.id}/test`, { event_type: name });
    assert.equal(event_type, 'webhook.test');
    const isIts = ({ id }) => id === event_id;
    await until(`the sample of ${name}`, () => at('/own').some(isIts));
    const event = at('/own').find(isIts);
    matches(event);
    assert.equal(event.type, name);
    const listed = await call('GET', `/events/${event_id}`);
    assert.equal(listed.type, 'webhook.test');
    if (name === 'webhook.test') continue;
    assert.equal(event.sample, true);
    assert.deepEqual(event.data, sample.data);
    assert.deepEqual(listed.data.sample, event.data);
  }
  assert.equal(at('/all').length, before);
});
