// Due work that no request waits for: when to wake which shard, and which tasks to run. Hints only: the rows are in the store.
import { at } from './waits.mjs';

const tasks_at_work_max = 64;
const line_max = 8_192;
const sweep_ms = 60_000;
const quarantine_first_ms = 60_000;
const quarantine_doublings_max = 6;

export class Scheduler {
  #run;                   // (input) => Promise<outcome>
  #shards;                // () => Promise<string[]>: those that hold rows
  #wakes = new Map();     // shard -> { at_ms, cancel }
  #line = [];
  #known = new Set();     // tasks in line or at work: none is begun twice at a time
  #at_work = 0;
  #quarantined = new Map();  // task -> { traps, until_ms }: one poisoned row must not keep ending everybody's sessions
  #cancel_sweep = () => {};
  #stopped = true;

  constructor({ run, shards }) {
    this.#run = run;
    this.#shards = shards;
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
    this.#line = [];
  }

  /** What a session ended with. */
  take({ tasks, wake }) {
    if (this.#stopped) return;
    for (const task of tasks) this.#offer(task);
    for (const [shard, ms] of wake) this.#wakeAt(shard, Number(ms));
    this.#next();
  }

  /** Wakes are lost with the process; rows are not, so that now and then every shard is woken. */
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
      this.#run({ tag: 'wake', val: shard }).catch(() => {});
    });
    this.#wakes.set(shard, { at_ms, cancel });
  }

  #offer(task) {
    if (this.#known.has(task) || this.#line.length >= line_max || this.#quarantined.get(task)?.until_ms > Date.now()) return;
    this.#known.add(task);
    this.#line.push(task);
  }

  #next() {
    while (this.#at_work < tasks_at_work_max && this.#line.length > 0 && !this.#stopped) {
      const task = this.#line.shift();
      ++this.#at_work;
      this.#run({ tag: 'task', val: task })
        .then(({ lost }) => (lost ? this.#quarantine(task) : this.#quarantined.delete(task)))
        .catch(() => {})
        .finally(() => {
          --this.#at_work;
          this.#known.delete(task);
          this.#next();
        });
    }
  }

  #quarantine(task) {
    const traps = (this.#quarantined.get(task)?.traps ?? 0) + 1;
    const ms = quarantine_first_ms * 2 ** Math.min(traps - 1, quarantine_doublings_max);
    this.#quarantined.set(task, { traps, until_ms: Date.now() + ms });
  }
}
