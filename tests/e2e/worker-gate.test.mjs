// examples/worker-gate: the command of its README works.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { root } from './lib.mjs';

test('the command of the README runs every step', async () => {
  const [, command] = /^```sh\n(.*)\n```$/m.exec(await readFile(`${root}examples/worker-gate/README.md`, 'utf8'));
  const { stdout } = await promisify(execFile)('bash', ['-c', command], { cwd: root, timeout: 300_000 });
  assert.match(stdout, /^8 of 8 steps succeeded$/m);
});
