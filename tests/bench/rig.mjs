// What parts of `make bench` share: helper processes, workspaces, quantiles.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, root } from '../e2e/lib_process.mjs';

/// Starts a script of this folder as a process of its own, which serves commands (`serveCommands`): { pid, send(command, …args),
/// stop() }.
export async function startHelper(script) {
  const child = fork(join(root, 'tests/bench', script));
  const waiting = new Map();
  const ended = once(child, 'exit').then(([code]) => {
    for (const { failed } of waiting.values()) failed(new Error(`${script} ended: ${code}`));
  });
  await once(child, 'message');
  child.on('message', ({ id, result, error }) => {
    const { done, failed } = waiting.get(id);
    waiting.delete(id);
    if (error) failed(new Error(error));
    else done(result);
  });
  let id = 0;
  const send = (command, ...args) => new Promise((done, failed) => {
    waiting.set((id += 1), { done, failed });
    child.send({ id, command, args });
  });
  const stop = () => (child.disconnect(), ended);
  return { pid: child.pid, send, stop };
}

/// In the helper: performs the commands, each a function. Call it when they can be performed.
export function serveCommands(commands) {
  process.on('message', async ({ id, command, args }) => {
    try {
      process.send({ id, result: await commands[command](...args) });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
  process.on('disconnect', () => process.exit());
  process.send({ ready: true });
}

/// The body of a response, which must have this status.
export async function expect(status, answer) {
  const got = await answer;
  if (got.status !== status) throw new Error(`${got.status} ${got.text}`);
  return got.json;
}

/// Creates a workspace; yields its keys.
export async function newWorkspace(host, name) {
  const env = readFileSync(join(host.data, 'sandbox.env'), 'utf8');
  const operator = /^LNTPAY_OPERATOR_TOKEN=(.*)$/m.exec(env)[1];
  const made = await expect(201, call(`${host.url}/v1/admin/workspaces`, { method: 'POST', key: operator, body: { name } }));
  return made.api_keys;
}

/// Calls `action(i)` `times` times, `at_once` at a time.
export async function repeat(times, action, at_once = 32) {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(at_once, times) }, async () => {
    while (next < times) await action(next++);
  }));
}

export const quantile = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
};
