// Due work on a host that sleeps. The object's only alarm is set to the earliest due time, in the same turn in which a due row is
// written, so that both are kept or neither; every run of its handler sets it again. While a wake finds anything due, the shard is woken
// again soon, whatever the outcome of the tasks: a task that claimed its row and crashed is due again when its lease expires, one that
// crashed before is still due.
import { dueTimeOf } from '../js/keys.mjs';
import { TaskLine } from '../js/tasks.mjs';

const fallback_ms = 15_000;  // until the next alarm after a handler that crashed, or that found something due
const retry_ms = 10_000;     // after a failure
const pause_ms = 250;        // between two alarms of a shard with more due work than one wake returns

/**
 * @typedef {import('../js/contract.d.ts').Scheduler} Scheduler
 * @implements {Scheduler}
 */
export class Alarms {
  #storage;
  #shard;
  #run;
  #wakeOther;
  #log;
  #tasks;
  #next_ms = Infinity;  // the earliest time known to this object
  #runs = false;

  /**
   * @param {object} options
   * @param {string} options.shard
   * @param {(shard: string, at_ms: number) => void} options.wakeOther
   * @param {(input: import('../js/contract.d.ts').Input) => Promise<import('../js/contract.d.ts').Outcome & { lost?: boolean }>} options.run
   */
  constructor({ storage, shard, run, wakeOther, log }) {
    this.#storage = storage;
    this.#shard = shard;
    this.#run = run;
    this.#wakeOther = wakeOther;
    this.#log = log;
    this.#tasks = new TaskLine(run);
  }

  /** An object that starts without an alarm wakes its shard: it may have lost the alarm, or crashed between a row and its alarm. */
  async start() {
    const at_ms = await this.#storage.getAlarm();
    if (at_ms === null) this.arm(Date.now() + pause_ms);
    else this.#next_ms = at_ms;  // a later time must not replace it
  }

  stop() {
    this.#tasks.clear();
  }

  take({ tasks, wake }) {
    this.#tasks.take(tasks);
    for (const [shard, at] of wake) (shard === this.#shard ? this.arm(Number(at)) : this.#wakeOther(shard, Number(at)));
  }

  /**
   * Sets the alarm to this time, unless it is earlier. While the handler runs, storage holds the fallback, and the time is set at the end.
   * An alarm that is long overdue was dropped by the platform, and is replaced.
   */
  arm(at_ms) {
    if (this.#next_ms <= at_ms && this.#next_ms > Date.now() - fallback_ms) return;
    this.#next_ms = at_ms;
    if (!this.#runs) this.#set(at_ms);
  }

  /** Takes the keys of a commit, in the turn in which it was made. */
  written(keys) {
    for (const key of keys) {
      const at_ms = dueTimeOf(key);
      if (at_ms !== undefined) this.arm(at_ms);
    }
  }

  /** The alarm's handler. It never throws: the platform drops an alarm after six failures. Tasks continue after it returns. */
  async handleAlarm() {
    this.#runs = true;
    this.#next_ms = Infinity;
    this.#set(Date.now() + fallback_ms);
    try {
      // Driver.run passes the tasks of the outcome to `take`, which queues them.
      const woken = await this.#run({ tag: 'wake', val: this.#shard });
      if (woken.lost || woken.response) throw new Error('the shard could not be woken');
      if (woken.tasks.length > 0) this.arm(Date.now() + fallback_ms);
    } catch (error) {
      this.#log(`due work of ${this.#shard} is retried in ${retry_ms / 1_000} s: ${error.message}`);
      this.arm(Date.now() + retry_ms);
    }
    this.#runs = false;
    if (this.#next_ms < Infinity) this.#set(Math.max(this.#next_ms, Date.now() + pause_ms));
    else this.#storage.deleteAlarm().catch((error) => this.#log(`cannot delete the alarm: ${error.message}`));
  }

  #set(at_ms) {
    this.#storage.setAlarm(at_ms).catch((error) => this.#log(`cannot set the alarm: ${error.message}`));
  }
}
