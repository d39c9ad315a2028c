// Due tasks in line and at work: each once at a time, and a limited number together.

const tasks_at_work_max = 64;
const line_max = 8_192;
const quarantine_first_ms = 60_000;
const quarantine_doublings_max = 6;

export class TaskLine {
  #run;                      // (input) => Promise<outcome>
  #line = [];
  #known = new Set();        // in line or at work: none is begun twice at a time
  #at_work = 0;
  #quarantined = new Map();  // task -> { traps, until_ms }: one poisoned row must not keep ending everybody's sessions
  #idle = [];                // callbacks for when nothing is left

  constructor(run) {
    this.#run = run;
  }

  take(tasks) {
    for (const task of tasks) this.#offer(task);
    this.#next();
  }

  /** What is in line is forgotten, its rows are in the store; what is at work goes on. */
  clear() {
    for (const task of this.#line) this.#known.delete(task);
    this.#line = [];
  }

  /** Resolves when nothing is in line or at work. */
  idle() {
    return this.#known.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #offer(task) {
    if (this.#known.has(task) || this.#line.length >= line_max || this.#quarantined.get(task)?.until_ms > Date.now()) return;
    this.#known.add(task);
    this.#line.push(task);
  }

  #next() {
    while (this.#at_work < tasks_at_work_max && this.#line.length > 0) {
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
    if (this.#known.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #quarantine(task) {
    const traps = (this.#quarantined.get(task)?.traps ?? 0) + 1;
    const ms = quarantine_first_ms * 2 ** Math.min(traps - 1, quarantine_doublings_max);
    this.#quarantined.set(task, { traps, until_ms: Date.now() + ms });
  }
}
