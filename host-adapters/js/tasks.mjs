// The queue of due tasks, by the rules of the server (host-adapters/server/engine/due_work_scheduler.hpp): a task never runs twice at
// once; each kind has its own queue and limit, and queues take turns, so that a charge does not wait for slow webhook receivers; a task
// that trapped its instance is quarantined, longer each time, so that one poisoned row cannot keep aborting other sessions.

const quarantine_first_ms = 30_000;
const quarantine_doublings_max = 6;

/** "7K/due/charge/00…07/test/ws_…/ch_…" */
const kindOf = (key) => key.split('/')[2] ?? '';
/** A due row's key without its time. */
const aboutOf = (key) => key.replace(/^(..\/due\/[^/]*)\/\d{20}\//, '$1/');

export class TaskLine {
  #run;                      // (input) => Promise<outcome>
  #tasks_max;
  #line_max;
  #lines = new Map();        // kind -> { waiting: [], at_work: number }
  #known = new Set();        // waiting or at work
  #quarantined = new Map();  // key without its time -> { traps, until_ms }

  /** @param {(input: import('./contract.d.ts').Input) => Promise<import('./contract.d.ts').Ended>} run */
  constructor(run, { tasks_max = 64, line_max = 8_192 } = {}) {
    this.#run = run;
    this.#tasks_max = tasks_max;
    this.#line_max = line_max;
  }

  take(tasks) {
    for (const task of tasks) this.#offer(task);
    this.#next();
  }

  /** Drops waiting tasks, whose rows stay in the store; running tasks continue. */
  clear() {
    for (const { waiting } of this.#lines.values()) for (const task of waiting.splice(0)) this.#known.delete(task);
  }

  get at_work() {
    return [...this.#lines.values()].reduce((sum, { at_work }) => sum + at_work, 0);
  }

  #offer(task) {
    if (this.#known.has(task) || this.#quarantined.get(aboutOf(task))?.until_ms > Date.now()) return;
    const kind = kindOf(task);
    const line = this.#lines.get(kind) ?? { waiting: [], at_work: 0 };
    this.#lines.set(kind, line);
    if (line.waiting.length >= this.#line_max) return;  // the next wake of its shard offers it again
    this.#known.add(task);
    line.waiting.push(task);
  }

  #next() {
    for (let began = true; began; ) {
      began = false;
      for (const [kind, line] of [...this.#lines]) {
        if (line.waiting.length === 0 || line.at_work >= this.#tasks_max) continue;
        began = true;
        this.#lines.delete(kind);  // moves the queue to the end
        this.#lines.set(kind, line);
        this.#begin(line, line.waiting.shift());
      }
    }
  }

  #begin(line, task) {
    ++line.at_work;
    this.#run({ tag: 'task', val: task })
      .then(({ lost }) => (lost ? this.#quarantine(aboutOf(task)) : this.#quarantined.delete(aboutOf(task))))
      .catch(() => {})
      .finally(() => {
        --line.at_work;
        this.#known.delete(task);
        this.#next();
      });
  }

  #quarantine(about) {
    const traps = (this.#quarantined.get(about)?.traps ?? 0) + 1;
    const ms = quarantine_first_ms * 2 ** Math.min(traps - 1, quarantine_doublings_max);
    this.#quarantined.set(about, { traps, until_ms: Date.now() + ms });
  }
}
