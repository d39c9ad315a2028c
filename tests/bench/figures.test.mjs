// Tests of the targets and the exit code, without measuring.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const path = (module) => JSON.stringify(fileURLToPath(new URL(module, import.meta.url)));

/// Reports figures as `make bench` does, in a child process: its exit code, and the `ok` of each line.
function reported(statements, env) {
  const script = `import { exitCode, figure } from ${path('figures.mjs')};
    ${statements}
    process.exit(exitCode());`;
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 60_000, env: { ...process.env, STRICT: '', ...env } });
  return [done.status, done.stdout.trim().split('\n').map((line) => JSON.parse(line).ok)];
}

const measured = (figures, env = {}) =>
  reported(`for (const [value, target] of ${JSON.stringify(figures)}) figure('a figure', value, 'ms', { target });`, env);

const strict = { STRICT: '1' };

test('a strict measurement exits with 2 if a target is missed', () => {
  assert.deepEqual(measured([[1, { max: 2 }], [3, { max: 2 }]], strict), [2, [true, false]]);
  assert.deepEqual(measured([[1, { min: 2 }]], strict), [2, [false]]);
});

test('a measurement that is not strict only reports a missed target', () => {
  assert.deepEqual(measured([[3, { max: 2 }]]), [0, [false]]);
});

test('a strict measurement exits with 0 if every target is met', () => {
  assert.deepEqual(measured([[2, { max: 2 }], [2, { min: 2 }], [7, null]], strict), [0, [true, true, null]]);
});

test('isolation misses a target when load takes rate or doubles the p99', () => {
  const window = (done, ...took) => [{ done, failed: 0, took }];
  const isolation = (quiet, loaded) =>
    reported(`const { report } = await import(${path('isolation.mjs')});
      report([{ name: 'a probe', a_second: 10 }], ${JSON.stringify([quiet, quiet])}, ${JSON.stringify([loaded, loaded])});`, strict);
  assert.deepEqual(isolation(window(80, 1, 2), window(64, 2, 4)), [0, [true, true]]);
  assert.deepEqual(isolation(window(80, 1, 2), window(63, 2, 4)), [2, [false, true]]);
  assert.deepEqual(isolation(window(80, 1, 2), window(80, 2, 4.1)), [2, [true, false]]);
});

test('webhooks misses a target when late, slow, costly or delayed by a queue', () => {
  const webhooks = (statements) => reported(`const webhooks = await import(${path('webhooks.mjs')}); ${statements}`, strict);
  const settled = (...took) => `webhooks.reportSettled('', ${JSON.stringify({ took, paid: [1], a_second: 200, lost: 0, host_busy: 0.1 })}, 50);`;
  assert.deepEqual(webhooks(settled(4, 50)), [0, [null, true]]);
  assert.deepEqual(webhooks(settled(4, 51)), [2, [null, false]]);
  const rate = (count, cpu_ms) => `webhooks.reportRate({ count: ${count}, ms: 1_000, cpu_ms: ${cpu_ms}, receiver_cpu_ms: 100 });`;
  assert.deepEqual(webhooks(rate(5_000, 750)), [0, [true, true]]);
  assert.deepEqual(webhooks(rate(4_999, 700)), [2, [false, true]]);
  assert.deepEqual(webhooks(rate(5_000, 760)), [2, [true, false]]);
  const delay = (...during) => `webhooks.reportDelay([5, 8], ${JSON.stringify(during)}, 100_000);`;
  assert.deepEqual(webhooks(delay(6, 108)), [0, [true]]);
  assert.deepEqual(webhooks(delay(6, 109)), [2, [false]]);
});
