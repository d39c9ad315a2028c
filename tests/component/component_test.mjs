// Properties of build/lntpay.wasm that hosts rely on: no imports, the exports of wit/edge.wit, a bounded size, no leaks.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { instantiate } from '../../host-adapters/js/instantiate.mjs';

const path = process.env.LNTPAY_COMPONENT ?? 'build/lntpay.wasm';
const engine_kb_max = 498; // docs/performance.md: what took it
const pages_kb_max = 24; // edge/pages, the QR code, browsers at a gate: docs/performance.md
const gzip_kb_max = engine_kb_max + pages_kb_max;

const component = await readFile(path);
const { engine, imports, exports, memory } = await instantiate(component);
const request = { method: 'GET', target: '/v1/charges?limit=2', headers: [['accept', '*/*']], body: 'x'.repeat(1000), client: '192.0.2.7' };

test('the component imports nothing', () => assert.deepEqual(imports, []));

test('the component exports the engine of wit/edge.wit and nothing else', async () => {
  const wit = await readFile('wit/edge.wit', 'utf8');
  const named = [...wit.matchAll(/^ {2}([a-z-]+): func\(/gm)].map(([, name]) => name.replace(/-([a-z])/g, (_, c) => c.toUpperCase()));
  assert.deepEqual(Object.keys(engine).sort(), named.sort());
  assert.deepEqual(exports.map(([name]) => name).filter((name) => name.includes(':')), ['lntpay:edge/engine@0.1.0']);
});

test(`the component is at most ${gzip_kb_max} KB in gzip`, (t) => {
  const gzip = gzipSync(component, { level: 9 }).length;
  t.diagnostic(`${component.length} bytes, ${gzip} in gzip`);
  assert.ok(gzip <= gzip_kb_max * 1024, `${gzip} bytes`);
});

test('the types of JavaScript hosts are those of wit/edge.wit', () => {
  execFileSync(process.execPath, ['host-adapters/js/types.mjs', 'check']);
});

test('a configuration that is not JSON is an error, not a trap', () => {
  assert.throws(() => engine.configure('not json'), (error) => typeof (error.payload ?? error) === 'string');
  assert.throws(() => engine.configure('not json'), (error) => typeof (error.payload ?? error) === 'string');
});

test('the place of a wake is its shard', () => assert.equal(engine.place({ tag: 'wake', val: '7Q' }), '7Q'));

test('abandoning an unknown session is no error', () => engine.abandon(123456789n));

test('repeated calls do not grow the memory', () => {
  const input = { tag: 'http', val: request };
  const moment = { nowMs: 1_800_000_000_000n, entropy: [1n, 2n, 3n, 4n] };
  const call = () => {
    engine.place(input);
    // An engine without a configuration ends each session at once, with a response.
    assert.equal(engine.begin(moment, input).val.response.status, 500);
    engine.resume(7n, moment, [{ tag: 'committed' }]);
  };
  for (let i = 0; i < 100; ++i) call();
  const before = memory().buffer.byteLength;
  for (let i = 0; i < 20_000; ++i) call();
  assert.equal(memory().buffer.byteLength, before);
});
