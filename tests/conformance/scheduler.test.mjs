// Tests of due work on JavaScript hosts: the cases of host-adapters/server/engine/due_work_scheduler_test.cpp, and alarms.
import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { Alarms } from '../../host-adapters/cloudflare/alarms.mjs';
import { Scheduler } from '../../host-adapters/js/scheduler.mjs';
import { TaskLine } from '../../host-adapters/js/tasks.mjs';

const due = (kind, id, ms) => `7K/due/${kind}/${String(ms).padStart(20, '0')}/test/ws_7K01K5CKRK67T9KWDQK5JSABCDEF/${id}`;
const settled = async () => {
  for (let i = 0; i < 20; ++i) await Promise.resolve();
};
const nothing = { tasks: [], wake: [], log: [] };

/// A host that records the started inputs; `end(name, outcome)` completes one.
function host() {
  const begun = [], open = new Map();
  return {
    begun,
    run: (input) => {
      const name = `${input.tag} ${input.val}`;
      begun.push(name);
      return new Promise((resolve) => open.set(name, resolve));
    },
    async end(name, outcome = nothing) {
      open.get(name)(outcome);
      open.delete(name);
      await settled();
    },
  };
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
});
async function pass(ms) {
  mock.timers.tick(ms);
  await settled();
}

test('a task does not start again while it waits or runs', async () => {
  const { begun, run, end } = host();
  const line = new TaskLine(run);
  line.take(['t', 't']);
  line.take(['t']);
  assert.deepEqual(begun, ['task t']);
  await end('task t');
  line.take(['t']);
  assert.deepEqual(begun, ['task t', 'task t']);
});

test('running tasks never exceed the limit', async () => {
  const { begun, run, end } = host();
  const line = new TaskLine(run, { tasks_max: 1, line_max: 1 });
  line.take(['a']);
  line.take(['b', 'dropped']);
  assert.deepEqual(begun, ['task a']);
  await end('task a');
  assert.deepEqual(begun, ['task a', 'task b']);
  await end('task b');
  assert.equal(begun.length, 2);
});

test('a task that trapped its instance is quarantined, longer each time', async () => {
  const { begun, run, end } = host();
  const line = new TaskLine(run);
  for (const [wait, tries] of [[0, 1], [29_999, 1], [1, 2], [59_999, 2], [1, 3]]) {
    await pass(wait);
    line.take(['bad']);
    assert.equal(begun.length, tries);
    if (begun.length === tries && line.at_work > 0) await end('task bad', { ...nothing, lost: true });
  }
});

test("a charge's task starts at once while every webhook receiver is slow", () => {
  const { begun, run } = host();
  const line = new TaskLine(run);
  line.take(Array.from({ length: 1_000 }, (_, i) => due('webhook', i, 1)));
  assert.equal(line.at_work, 205);
  line.take([due('charge', 'ch_1', 1)]);
  assert.equal(begun.at(-1), `task ${due('charge', 'ch_1', 1)}`);
});

test('kinds of tasks take turns, however long one queue is', async () => {
  const { begun, run, end } = host();
  const line = new TaskLine(run, { tasks_max: 1 });
  line.take([...['a', 'b', 'c'].map((id) => due('charge', id, 1)), due('webhook', 'w', 1)]);
  await end(begun[0]);
  await end(begun[1]);
  assert.deepEqual(begun.slice(0, 3).map((name) => name.at(-1)), ['a', 'w', 'b']);
});

test('workspaces take turns, and each has a share of the running tasks', async () => {
  const { begun, run, end } = host();
  const line = new TaskLine(run, { tasks_max: 100 });
  line.take(Array.from({ length: 30 }, (_, i) => due('webhook', i, 1)));
  assert.equal(line.at_work, 20);
  const other = due('webhook', 'other', 1).replace(/ws_[^/]*/, 'ws_other');
  line.take([other]);
  assert.equal(begun.at(-1), `task ${other}`);
  await end(begun[0]);
  assert.equal(line.at_work, 21);
  assert.equal(begun.at(-1), `task ${due('webhook', 20, 1)}`);
});

test('charges whose webhooks hang leave the endpoints of their workspace a share of the tasks', () => {
  const { begun, run } = host();
  const line = new TaskLine(run, { tasks_max: 100 });
  line.take(Array.from({ length: 100 }, (_, i) => due('webhook', `whe_7K0000000000ABC.${i}`, 1)));
  const endpoint = due('webhook', 'whe_7K01K5CKRK67T9.0', 1);
  line.take([endpoint]);
  assert.equal(begun.at(-1), `task ${endpoint}`);
});

test('a workspace has a place for all attempts of 20 endpoints', () => {
  const { begun, run } = host();
  const line = new TaskLine(run);
  line.take(Array.from({ length: 160 }, (_, i) => due('webhook', `whe_7K01K5CKRK67T${i}.0`, 1)));
  assert.equal(begun.length, 160);
});

test('a full queue of one kind drops no task of another', () => {
  const { begun, run } = host();
  const line = new TaskLine(run, { tasks_max: 1, line_max: 1 });
  line.take([due('webhook', 'a', 1), due('webhook', 'b', 1), due('charge', 'c', 1)]);
  assert.deepEqual(begun.map((name) => name.at(-1)).sort(), ['a', 'c']);
});

test("a moved due time does not end a quarantine; other rows run", async () => {
  const { begun, run, end } = host();
  const line = new TaskLine(run);
  line.take([due('charge', 'bad', 1)]);
  await end(begun[0], { ...nothing, lost: true });
  line.take([due('charge', 'bad', 10_001), due('charge', 'good', 10_001)]);
  assert.deepEqual(begun.slice(1), [`task ${due('charge', 'good', 10_001)}`]);
});

const scheduler = ({ run }) => {
  const made = new Scheduler({ run, shards: async () => [] });
  made.start();
  return made;
};
const wake = (shard, at) => ({ ...nothing, wake: [[shard, BigInt(at)]] });

test('the earliest of several wakes of a shard is kept', async () => {
  const { begun, run } = host();
  const made = scheduler({ run });
  for (const ms of [500, 300, 900]) made.take(wake('7K', Date.now() + ms));
  await pass(299);
  assert.deepEqual(begun, []);
  await pass(1);
  assert.deepEqual(begun, ['wake 7K']);
  await pass(1_000);
  assert.deepEqual(begun, ['wake 7K']);
  made.stop();
});

test('a wake for a shard that is being woken is delayed', async () => {
  const { begun, run, end } = host();
  const made = scheduler({ run });
  made.take(wake('7K', Date.now()));
  await pass(0);
  made.take(wake('7K', Date.now()));
  await pass(10);
  assert.deepEqual(begun, ['wake 7K']);
  await end('wake 7K');
  await pass(100);
  assert.deepEqual(begun, ['wake 7K', 'wake 7K']);
  made.stop();
});

test('shards with rows are woken regularly, even when a wake was lost', async () => {
  const { begun, run, end } = host();
  const made = new Scheduler({ run, shards: async () => ['00', '7K'] });
  made.start();
  await settled();
  await pass(0);
  assert.deepEqual(begun, ['wake 00', 'wake 7K']);
  for (const name of begun.slice()) await end(name);
  await pass(60_000);
  await pass(0);
  assert.deepEqual(begun.slice(2), ['wake 00', 'wake 7K']);
  made.stop();
});

/// The alarm of an object: its time, or null.
function alarms(options = {}) {
  const storage = {
    at: options.at ?? null,
    getAlarm: async () => storage.at,
    setAlarm: async (at) => void (storage.at = at),
    deleteAlarm: async () => void (storage.at = null),
  };
  const work = host();
  const others = [];
  const made = new Alarms({ storage, shard: '7K', run: work.run, wakeOther: (...which) => others.push(which), log: () => {} });
  return { storage, made, others, ...work };
}
const row = (ms) => `7K/due/charge/${String(ms).padStart(20, '0')}/test/ws_1/ch_1`;

test('writing a due row sets the alarm to the earliest due time', async () => {
  const { storage, made } = alarms();
  const now = Date.now();
  made.written(['7K/test/ws_1/head', row(now + 500)]);
  assert.equal(storage.at, now + 500);
  made.written([row(now + 900)]);
  assert.equal(storage.at, now + 500);
  made.written([row(now + 100)]);
  assert.equal(storage.at, now + 100);
});

test('an object that starts keeps its alarm, or sets one', async () => {
  const kept = alarms({ at: Date.now() + 100 });
  await kept.made.start();
  kept.made.written([row(Date.now() + 900)]);
  assert.equal(kept.storage.at, Date.now() + 100);
  const none = alarms();
  await none.made.start();
  assert.equal(none.storage.at, Date.now() + 250);
});

test('a crashed handler leaves the fallback alarm, a finished one the next time', async () => {
  const { storage, made, end } = alarms();
  const rung = made.handleAlarm();
  await settled();
  assert.equal(storage.at, Date.now() + 15_000);
  made.take(wake('7K', Date.now() + 700));
  await end('wake 7K');
  await rung;
  assert.equal(storage.at, Date.now() + 700);
});

test('no alarm while nothing is due; another wake while something is', async () => {
  const idle = alarms();
  const rung = idle.made.handleAlarm();
  await settled();
  await idle.end('wake 7K');
  await rung;
  assert.equal(idle.storage.at, null);
  const busy = alarms();
  const again = busy.made.handleAlarm();
  await settled();
  await busy.end('wake 7K', { ...nothing, tasks: ['t'] });
  await again;
  assert.equal(busy.storage.at, Date.now() + 15_000);
});

test('a failed wake is retried, whatever the error', async () => {
  for (const outcome of [{ ...nothing, lost: true }, { ...nothing, response: { status: 500, headers: [], body: '' } }]) {
    const { storage, made, end } = alarms();
    const rung = made.handleAlarm();
    await settled();
    await end('wake 7K', outcome);
    await rung;
    assert.equal(storage.at, Date.now() + 10_000);
  }
});

test('a long overdue alarm counts as dropped, and is replaced', async () => {
  const { storage, made } = alarms();
  made.arm(Date.now() + 100);
  storage.at = null;
  await pass(60_000);
  made.arm(Date.now() + 500);
  assert.equal(storage.at, Date.now() + 500);
});

test('a due time in another shard wakes that shard', () => {
  const { made, others, storage } = alarms();
  made.take(wake('9Z', 7));
  assert.deepEqual(others, [['9Z', 7]]);
  assert.equal(storage.at, null);
});
