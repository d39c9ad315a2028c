// When the measurement fails: the aims and the exit code, without measuring.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/// A process that measures these figures and ends as `make bench` does: its exit code, and the `ok` of each line that it printed.
function measured(figures, env = {}) {
  const module = JSON.stringify(fileURLToPath(new URL('figures.mjs', import.meta.url)));
  const script = `import { exitCode, figure } from ${module};
    for (const [value, aim] of ${JSON.stringify(figures)}) figure('a figure', value, 'ms', { aim });
    process.exit(exitCode());`;
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env: { ...process.env, STRICT: '', ...env } });
  return [done.status, done.stdout.trim().split('\n').map((line) => JSON.parse(line).ok)];
}

const strict = { STRICT: '1' };

test('an aim that is missed ends a strict measurement with 2', () => {
  assert.deepEqual(measured([[1, { max: 2 }], [3, { max: 2 }]], strict), [2, [true, false]]);
  assert.deepEqual(measured([[1, { min: 2 }]], strict), [2, [false]]);
});

test('a missed aim is only told where nobody asked to be strict', () => {
  assert.deepEqual(measured([[3, { max: 2 }]]), [0, [false]]);
});

test('aims that are met, and figures without one, end a strict measurement with 0', () => {
  assert.deepEqual(measured([[2, { max: 2 }], [2, { min: 2 }], [7, null]], strict), [0, [true, true, null]]);
});
