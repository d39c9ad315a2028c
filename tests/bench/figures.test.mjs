// Tests of the targets and the exit code, without measuring.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/// Reports these figures as `make bench` does, in a child process: its exit code, and the `ok` of each line.
function measured(figures, env = {}) {
  const module = JSON.stringify(fileURLToPath(new URL('figures.mjs', import.meta.url)));
  const script = `import { exitCode, figure } from ${module};
    for (const [value, target] of ${JSON.stringify(figures)}) figure('a figure', value, 'ms', { target });
    process.exit(exitCode());`;
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env: { ...process.env, STRICT: '', ...env } });
  return [done.status, done.stdout.trim().split('\n').map((line) => JSON.parse(line).ok)];
}

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
