// Due work on hosts with timers: when to wake which shard. A wake is only a hint; the due rows are in the store.
import { dueTimeOf } from './keys.mjs';
import { TaskLine } from './tasks.mjs';
import { at } from './waits.mjs';

const sweep_ms = 60_000;
const pause_ms = 50;  // delays a wake of a shard that is already being woken

/**
 * @typedef {import('./contract.d.ts').Scheduler} Contract
 * @implements {Contract}
 */
export class Scheduler {
  #run;                   // (input) => Promise<outcome>
  #shards;                // () => Promise<string[]>: the shards with rows
  #wakes = new Map();     // shard -> { at_ms, cancel }: the earliest wake only, because its outcome names the next
  #waking = new Set();
  #tasks;
  #cancel_sweep = () => {};
  #stopped = true;

  constructor({ run, shards }) {
    this.#run = run;
    this.#shards = shards;
    this.#tasks = new TaskLine(run);
  }

  start() {
    this.#stopped = false;
    this.#sweep();
  }

  stop() {
    this.#stopped = true;
    this.#cancel_sweep();
    for (const { cancel } of this.#wakes.values()) cancel();
    this.#wakes.clear();
    this.#tasks.clear();
  }

  /** Takes a session's outcome. */
  take({ tasks, wake }) {
    if (this.#stopped) return;
    this.#tasks.take(tasks);
    for (const [shard, ms] of wake) this.#wakeAt(shard, Number(ms));
  }

  /** Takes the keys of a commit: its session may run on for long, and only its outcome would name the times of its due rows. */
  written(keys) {
    for (const key of keys) {
      const at_ms = dueTimeOf(key);
      if (at_ms !== undefined && !this.#stopped) this.#wakeAt(key.slice(0, 2), at_ms);
    }
  }

  /** Wakes are lost when the process restarts and due rows are not, so every shard is woken regularly. */
  async #sweep() {
    const shards = await this.#shards().catch(() => []);
    if (this.#stopped) return;
    for (const shard of shards) this.#wakeAt(shard, Date.now());
    this.#cancel_sweep = at(Date.now() + sweep_ms, () => this.#sweep());
  }

  #wakeAt(shard, at_ms) {
    const known = this.#wakes.get(shard);
    if (known && known.at_ms <= at_ms) return;
    known?.cancel();
    const cancel = at(at_ms, () => {
      this.#wakes.delete(shard);
      if (this.#waking.has(shard)) return this.#wakeAt(shard, Date.now() + pause_ms);
      this.#waking.add(shard);
      this.#run({ tag: 'wake', val: shard }).catch(() => {}).finally(() => this.#waking.delete(shard));
    });
    this.#wakes.set(shard, { at_ms, cancel });
  }
}
