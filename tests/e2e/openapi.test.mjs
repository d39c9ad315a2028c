// The OpenAPI document as the host serves it: valid to two published validators, in agreement with the reference, with its own examples and
// with what agents read; static bytes with 304 and gzip.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { loadStaticFiles } from '../../host-adapters/js/static-files.mjs';
import { operationsOf, resolve } from '../../edge/reference/document-parts.mjs';
import { assertStaticFiles, root, startHost } from './lib.mjs';
import { deviation } from './lib_document.mjs';

const require = createRequire(join(root, 'tests/'));
const python = join(root, 'build/python-openapi');
let host, document, files;

before(async () => {
  host = await startHost({ args: ['--engine', 'native'] });
  files = JSON.parse(readFileSync(join(root, 'build/resources/resources.json'), 'utf8'));
  document = (await host.api('GET', '/openapi.json', undefined, { key: null })).json;
});
after(() => host?.stop());

/// Bytes as they are on the wire: fetch would decompress them.
const get = (path, headers = {}) => fetch(host.url + path, { headers: { 'accept-encoding': 'identity', ...headers } });

test('a published validator in JavaScript accepts both documents', async () => {
  const { Validator } = await import(require.resolve('@seriousme/openapi-schema-validator'));
  for (const path of ['/openapi.json', '/openapi-3.0.json']) {
    const { valid, errors } = await new Validator().validate(await (await get(path)).json());
    assert.ok(valid, `${path}: ${JSON.stringify(errors)}`);
  }
});

test('a published validator in Python accepts both documents', { skip: existsSync(python) ? false : 'build/python-openapi is missing: cmake/setup.sh test' }, () => {
  for (const file of ['openapi.json', 'openapi-3.0.json']) {
    const said = execFileSync('python3', ['-m', 'openapi_spec_validator', join(root, 'build/resources', file)], { env: { ...process.env, PYTHONPATH: python }, encoding: 'utf8' });
    assert.match(said, /: OK/);
  }
});

test('a published client of 402 discovery reads what gates ask', async () => {
  const { validate } = await import(require.resolve('mppx/discovery'));
  assert.deepEqual(validate(document).filter(({ severity }) => severity === 'error'), []);
  const priced = operationsOf(document).filter((each) => each['x-payment-info']);
  assert.deepEqual(priced.map(({ path }) => path), ['/gate/{gate}/authorize', '/gate/{gate}/challenge']);
  for (const { responses } of priced) assert.ok(responses[402]);
});

test('every example of a response is what the document allows', () => {
  let examples = 0;
  for (const { method, path, responses } of operationsOf(document)) {
    for (const [status, response] of Object.entries(responses)) {
      for (const [type, { example, examples: named = {} }] of Object.entries(resolve(document, response).content ?? {})) {
        for (const value of [example, ...Object.values(named).map((each) => each.value)].filter((each) => each !== undefined)) {
          const header = (name) => ({ 'content-type': type, 'request-id': 'req_1' })[name];
          assert.equal(deviation({ method, target: path, status: Number(status), header, text: JSON.stringify(value) }), '', `${method} ${path} ${status}`);
          examples += 1;
        }
      }
    }
  }
  assert.ok(examples > 300, `${examples} examples`);
});

test('document and reference have the same operations, events, errors and objects', async () => {
  const page = await (await get('/docs')).text();
  const found = (pattern) => [...page.matchAll(pattern)].map(([, name]) => name.replaceAll('&amp;', '&'));
  assert.deepEqual(found(/data-operation="([^"]+)"/g).sort(), operationsOf(document).map(({ method, path }) => `${method} ${path}`).sort());
  assert.deepEqual(found(/data-event="([^"]+)"/g), Object.keys(document.webhooks));
  assert.deepEqual(found(/<tr id="error-(\w+)"/g), document.components.schemas.Error.properties.error.properties.code.enum);
  const ids = new Set(found(/ id="([^"]+)"/g));
  for (const target of found(/href="#([^"]+)"/g)) assert.ok(ids.has(target), `#${target} leads nowhere`);
  const agents = await (await get('/llms-full.txt')).text();
  for (const { method, path } of operationsOf(document)) assert.ok(agents.includes(`- ${method} ${path}: `), `${method} ${path}`);
  for (const name of Object.keys(document.webhooks)) assert.ok(agents.includes(`- ${name}: `), name);
});

test('every client names the version of the document', () => {
  for (const file of ['python/src/lntpay/_async/client.py', 'go/client.go', 'rust/src/lib.rs']) {
    const [, version] = /(?:API_VERSION|APIVersion)(?:: &str)? = "(.*)"/.exec(readFileSync(join(root, 'clients', file), 'utf8'));
    assert.equal(version, document.info.version, file);
  }
});

test('each file is served as it is listed; an unchanged one is 304', async () => {
  await assertStaticFiles((path, init) => fetch(host.url + path, init));
  for (const { path } of files) {
    const etag = (await get(path)).headers.get('etag');
    assert.equal((await get(path, { 'if-none-match': `"other", ${etag}` })).status, 304);
    assert.equal((await get(path, { 'if-none-match': '"other"' })).status, 200);
    const head = await fetch(host.url + path, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal((await fetch(host.url + path, { method: 'POST' })).status, 405);
    assert.ok(document.paths[path] || path.startsWith('/docs/'), `${path} is not in the document`);
  }
  const serveFile = await loadStaticFiles(join(root, 'build/resources'));
  await assertStaticFiles(async (path, init) => serveFile(new Request(`http://localhost${path}`, init)));
  assert.equal(serveFile(new Request('http://localhost/v1/charges')), undefined);
  const compressed = execFileSync('curl', ['-s', '-H', 'Accept-Encoding: br, gzip;q=0.5', `${host.url}/openapi.json`]);
  assert.deepEqual(gunzipSync(compressed), readFileSync(join(root, 'build/resources/openapi.json')));
  const refused = execFileSync('curl', ['-s', '-H', 'Accept-Encoding: gzip;q=0', `${host.url}/openapi.json`]);
  assert.equal(refused[0], '{'.charCodeAt(0));
});

test('an answer that the document does not allow is found', () => {
  const header = (name) => ({ 'content-type': 'application/json', 'request-id': 'req_1' })[name];
  const balance = document.paths['/v1/balance'].get.responses[200].content['application/json'].example;
  const wrong = (status, json) => deviation({ method: 'GET', target: '/v1/balance', status, header, text: JSON.stringify(json) });
  assert.equal(wrong(200, balance), '');
  assert.match(wrong(200, { ...balance, available_msat: '1' }), /available_msat must be integer/);
  const { total_msat: _, ...less } = balance;
  assert.match(wrong(200, less), /total_msat/);
  assert.match(wrong(418, {}), /418 is not described/);
  assert.match(wrong(401, { error: { code: 'insufficient_funds', message: 'x', request_id: 'req_1' } }), /code must be equal/);
});
