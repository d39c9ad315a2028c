// The queue of due tasks, by the rules of the server (host-adapters/server/engine/due_work_scheduler.hpp): a task never runs twice at
// once; each kind has its own queue and limit, and queues take turns, so that a charge does not wait for slow webhook receivers; within
// a kind workspaces take turns, and none has more than its share of the running tasks; a task that trapped its instance is quarantined,
// longer each time, so that one poisoned row cannot keep aborting other sessions.

export const quarantine_first_ms = 30_000;
export const quarantine_doublings_max = 7;
export const quarantined_max = 1_024;
const share_min = 8;

/** "7K/due/charge/00…07/test/ws_…/ch_…" */
const kindOf = (key) => key.split('/')[2] ?? '';

/** Whose share a task takes: charge targets have one beside the workspace's (core/webhook/delivery/charge_target.hpp). */
function workspaceOf(key) {
  const [, , kind, , , workspace = '', id = ''] = key.split('/');
  return kind === 'webhook' && /^whe_..0{10}/.test(id) ? `${workspace}/charges` : workspace;
}
/** A due row's key without its time. */
const aboutOf = (key) => key.replace(/^(..\/due\/[^/]*)\/\d{20}\//, '$1/');

export class TaskLine {
  #run;                      // (input) => Promise<outcome>
  #tasks_max;
  #line_max;
  #lines = new Map();        // kind -> Line
  #known = new Set();        // waiting or at work
  #quarantined = new Map();  // key without its time -> { traps, until_ms }

  /** @param {(input: import('./contract.d.ts').Input) => Promise<import('./contract.d.ts').Ended>} run */
  constructor(run, { tasks_max = 1_024, line_max = 8_192 } = {}) {
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
    for (const line of this.#lines.values()) for (const task of line.clear()) this.#known.delete(task);
  }

  get at_work() {
    return [...this.#lines.values()].reduce((sum, { at_work }) => sum + at_work, 0);
  }

  #offer(task) {
    if (this.#known.has(task) || this.#quarantined.get(aboutOf(task))?.until_ms > Date.now()) return;
    const kind = kindOf(task);
    const line = this.#lines.get(kind) ?? new Line(this.#tasks_max, this.#line_max);
    this.#lines.set(kind, line);
    if (line.push(task)) this.#known.add(task);  // else the next wake of its shard offers it again
  }

  #next() {
    for (let began = true; began; ) {
      began = false;
      for (const [kind, line] of [...this.#lines]) {
        const task = line.shift();
        if (task === undefined) continue;
        began = true;
        this.#lines.delete(kind);  // moves the queue to the end
        this.#lines.set(kind, line);
        this.#begin(line, task);
      }
    }
  }

  #begin(line, task) {
    this.#run({ tag: 'task', val: task })
      .then(({ lost }) => (lost ? this.#quarantine(aboutOf(task)) : this.#quarantined.delete(aboutOf(task))))
      .catch(() => {})
      .finally(() => {
        line.ended(task);
        this.#known.delete(task);
        this.#next();
      });
  }

  #quarantine(about) {
    const traps = (this.#quarantined.get(about)?.traps ?? 0) + 1;
    const ms = quarantine_first_ms * 2 ** Math.min(traps - 1, quarantine_doublings_max);
    if (this.#quarantined.size >= quarantined_max) this.#quarantined.clear();
    this.#quarantined.set(about, { traps, until_ms: Date.now() + ms });
  }
}

/** The tasks of one kind (host-adapters/server/engine/task_queue.hpp, host-adapters/server/ops/shares.hpp). */
class Line {
  at_work = 0;
  #tasks_max;
  #line_max;
  #length = 0;
  #waiting = new Map();  // workspace -> [task], in the order of their turns; never an empty list
  #running = new Map();  // workspace -> how many of its tasks run

  constructor(tasks_max, line_max) {
    this.#tasks_max = tasks_max;
    this.#line_max = line_max;
  }

  /** False when the line, or the workspace's eighth of it, is full. */
  push(task) {
    const workspace = workspaceOf(task);
    const own = this.#waiting.get(workspace) ?? [];
    if (this.#length >= this.#line_max || (workspace && own.length >= Math.max(this.#line_max / 8, 1))) return false;
    own.push(task);
    this.#waiting.set(workspace, own);
    ++this.#length;
    return true;
  }

  /** The next task to start; undefined when there is none, or no place for it. */
  shift() {
    for (const [workspace, own] of this.#waiting) {
      if (!this.#hasPlaceFor(workspace)) continue;
      this.#waiting.delete(workspace);
      const task = own.shift();
      if (own.length > 0) this.#waiting.set(workspace, own);  // moves the workspace to the end
      --this.#length;
      ++this.at_work;
      this.#running.set(workspace, (this.#running.get(workspace) ?? 0) + 1);
      return task;
    }
  }

  ended(task) {
    const workspace = workspaceOf(task);
    const left = this.#running.get(workspace) - 1;
    if (left === 0) this.#running.delete(workspace);
    else this.#running.set(workspace, left);
    --this.at_work;
  }

  /** Removes and returns the waiting tasks. */
  clear() {
    const tasks = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    this.#length = 0;
    return tasks;
  }

  #hasPlaceFor(workspace) {
    const free = this.#tasks_max - this.at_work;
    return free > 0 && (!workspace || (this.#running.get(workspace) ?? 0) < Math.max(share_min, Math.floor(free / 4)));
  }
}
