// Due work on a host that sleeps: the object's one alarm stands at the earliest time that something is due, and is set again however
// its handler ends. The rows are the truth: the alarm is set in the same turn in which a due row is written, so that both are kept or
// neither. While anything was due the last time that the shard was woken it is woken again soon, whatever became of the tasks:
// one that claimed its row is due again when its lease ends, one that died before is due still.
import { TaskLine } from '../js/tasks.mjs';

const due_row = /^..\/due\/[^/]+\/(\d{20})\//;
const guard_ms = 15_000;  // so long after an alarm whose handler died, or that found something due, the shard is woken again
const again_ms = 10_000;  // after a failure
const pause_ms = 250;     // between two alarms of a shard that has more to do than fits at once

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
  #next_ms = Infinity;  // the earliest time that this object knows of
  #rings = false;

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

  /** An object that begins without an alarm looks what is due: it may have died between a row and its alarm, or lost one. */
  async start() {
    const at_ms = await this.#storage.getAlarm();
    if (at_ms === null) this.arm(Date.now() + pause_ms);
    else this.#next_ms = at_ms;  // a later time must not take its place
  }

  stop() {
    this.#tasks.clear();
  }

  take({ tasks, wake }) {
    this.#tasks.take(tasks);
    for (const [shard, at] of wake) (shard === this.#shard ? this.arm(Number(at)) : this.#wakeOther(shard, Number(at)));
  }

  /**
   * The alarm is at this time, or earlier. While it rings its guard stands in storage, and the time is set at the end. One that should
   * have rung long ago was given up by the platform: it counts as none.
   */
  arm(at_ms) {
    if (this.#next_ms <= at_ms && this.#next_ms > Date.now() - guard_ms) return;
    this.#next_ms = at_ms;
    if (!this.#rings) this.#set(at_ms);
  }

  /** Of a commit that was just made, in the same turn. */
  written(keys) {
    for (const key of keys) {
      const due = due_row.exec(key);
      if (due) this.arm(Number(due[1]));
    }
  }

  /** The alarm's handler. The platform gives an alarm up whose handler threw six times; this one never throws. Tasks go on after it. */
  async ring() {
    this.#rings = true;
    this.#next_ms = Infinity;
    this.#set(Date.now() + guard_ms);
    try {
      const woken = await this.#run({ tag: 'wake', val: this.#shard });
      if (woken.lost || woken.response) throw new Error('the shard could not be woken');
      if (woken.tasks.length > 0) this.arm(Date.now() + guard_ms);
    } catch (error) {
      this.#log(`due work of ${this.#shard} is put off: ${error.message}`);
      this.arm(Date.now() + again_ms);
    }
    this.#rings = false;
    if (this.#next_ms < Infinity) this.#set(Math.max(this.#next_ms, Date.now() + pause_ms));
    else this.#storage.deleteAlarm().catch((error) => this.#log(`the alarm cannot be ended: ${error.message}`));
  }

  #set(at_ms) {
    this.#storage.setAlarm(at_ms).catch((error) => this.#log(`the alarm cannot be set: ${error.message}`));
  }
}
