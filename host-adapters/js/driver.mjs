// The driver for event-loop hosts: calls begin and resume of a component instance and performs its effects.
//
//   const driver = new Driver({ makeInstance, config, store: new MemoryStore() });
//   await driver.start();
//   const response = await driver.request({ method: 'GET', target: '/readyz', headers: [], body: '', client: '127.0.0.1' });
//
// Sessions interleave while they await effects; each resumes when its own replies are complete. A trapped instance is discarded. The
// session that was executing gets `engine-lost`; of the others, a request without an effect so far is restarted, once, and the rest get
// `overloaded`. The next session gets a fresh instance; all durable state is in the store. A client that traps the engine repeatedly is
// refused for a while (trap-history.mjs).
import { makeFetch } from './fetching.mjs';
import { isVolatile, keyOf, Refused } from './keys.mjs';
import { scan_limit_max } from './limits.mjs';
import { Scheduler } from './scheduler.mjs';
import { TrapHistory } from './trap-history.mjs';
import { WaitTable } from './waits.mjs';

const shard_list = '00/shard/';
/** Those of the live challenges of gates (core/charge/challenge_row.hpp), which are in no list: '00' to '11'. */
const challenge_shards = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'].map((digit) => `0${digit}`).concat('10', '11');
const steps_max = 10_000;
const slice_ms_default = 5;

/** The response when even a fresh instance cannot produce one. @type {import('./contract.d.ts').Response} */
const last_resort = {
  status: 500,
  headers: [['content-type', 'application/json']],
  body: '{"error":{"code":"internal_error","message":"The request could not be processed."}}',
};

class EngineLost extends Error {
  culprit = false;  // this session trapped the instance
}

export class Driver {
  #options;
  #home;               // promise of { engine, lost, endings }: the instance of new sessions; `endings` aborts its sessions
  #waits = new WaitTable();
  #scheduler;
  #sessions = 0;
  #traps = new TrapHistory();

  /**
   * @param {object} options
   * @param {() => Promise<import('./contract.d.ts').Instance>} options.makeInstance
   * @param {object} options.config the argument of `configure`
   * @param {import('./contract.d.ts').Store} options.store
   * @param {ReturnType<typeof makeFetch>} [options.fetch]
   * @param {import('./contract.d.ts').MakeScheduler} [options.makeScheduler] runs due work; default: a Scheduler, on timers
   * @param {number} [options.sessions_max] requests beyond this number of open sessions get `overloaded`
   * @param {number} [options.slice_ms] a session that has run this long lets the event loop take other events; with a store that answers
   *   at once, its steps alone would not
   * @param {(line: string) => void} [options.log] receives lines for the operator
   */
  constructor({ fetch = makeFetch(), makeScheduler = (host) => new Scheduler(host), sessions_max = 1_000, slice_ms = slice_ms_default, log = () => {}, ...options }) {
    this.#options = { fetch, sessions_max, slice_ms, log, ...options };
    this.#scheduler = makeScheduler({ run: (input) => this.run(input), shards: () => this.#shards() });
  }

  /** Makes the first instance. Throws if `configure` rejects the configuration. */
  async ready() {
    await this.#instance();
  }

  /** Like `ready`, and starts due work. */
  async start() {
    await this.ready();
    await this.#scheduler.start();
  }

  /** Stops due work; open sessions run to completion. */
  stop() {
    this.#scheduler.stop();
  }

  /** The shard that an input works in. @param {import('./contract.d.ts').Input} input */
  async place(input) {
    const home = await this.#instance();
    return this.#call(home, (engine) => engine.place(input));
  }

  /** For a store with other writers: wakes the sessions that wait for one of these rows. */
  written(keys) {
    this.#waits.written(keys);
  }

  get open_sessions() {
    return this.#sessions;
  }

  get open_waits() {
    return this.#waits.size;
  }

  /**
   * The response to a request. When `signal` aborts (the client disconnected), the promise rejects with the signal's reason.
   * @param {import('./contract.d.ts').Request} request
   * @param {{ signal?: AbortSignal }} [about]
   * @returns {Promise<import('./contract.d.ts').Response>}
   */
  async request(request, { signal } = {}) {
    if (this.#sessions >= this.#options.sessions_max) return this.refuse('overloaded');
    const { response } = await this.run({ tag: 'http', val: request }, { signal });
    return response ?? last_resort;
  }

  /** The response to a request that the host rejects. @param {import('./contract.d.ts').Refusal} why */
  async refuse(why) {
    const { response } = await this.#refused(why);
    return response ?? last_resort;
  }

  /**
   * @param {import('./contract.d.ts').Input} input
   * @param {{ signal?: AbortSignal }} [about]
   * @returns {Promise<import('./contract.d.ts').Ended>}
   */
  async run(input, { signal } = {}) {
    const effects = { any: false };  // a durable commit, or a request that is no read
    const is_request = input.tag === 'http' || input.tag === 'gate';
    let outcome;
    if (this.#traps.refuses(input, Date.now())) outcome = await this.#refused('overloaded');
    for (let runs = 1; outcome === undefined; ++runs) {
      try {
        outcome = await this.#session(input, signal, effects);
      } catch (error) {
        if (!(error instanceof EngineLost)) throw error;
        this.#options.log(`engine lost: ${error.message}`);
        if (error.culprit) this.#traps.trapped(input, Date.now());
        if (is_request && !error.culprit && !effects.any && runs === 1) continue;
        const why = is_request && !error.culprit ? 'overloaded' : 'engine-lost';
        outcome = { ...(await this.#refused(why)), lost: error.culprit };
      }
    }
    for (const line of outcome.log) this.#options.log(line);
    this.#scheduler.take(outcome);
    return outcome;
  }

  async #refused(why) {
    try {
      return await this.#session({ tag: 'refused', val: why });
    } catch (error) {
      this.#options.log(`cannot produce a response: ${error.message}`);
      return { response: last_resort, tasks: [], wake: [], log: [] };
    }
  }

  async #session(input, signal, effects_of_session = {}) {
    let home;
    do home = await this.#instance();
    while (home.lost);
    signal?.throwIfAborted();
    ++this.#sessions;
    // Aborts when the session completes, when its client disconnects, or when its instance is lost.
    const over = new AbortController();
    const leave = () => over.abort(signal?.aborted ? signal.reason : new EngineLost('another session trapped the instance'));
    signal?.addEventListener('abort', leave);
    home.endings.add(leave);
    let session;
    try {
      let step = this.#call(home, (engine) => engine.begin(moment(), input));
      let slice_ends = performance.now() + this.#options.slice_ms;
      for (let steps = 0; step.tag === 'ask'; ++steps) {
        if (steps === steps_max) throw this.#lose(home, `a session took more than ${steps_max} steps`);
        let effects;
        [session, effects] = step.val;
        const replies = await Promise.all(effects.map((effect) => this.#perform(effect, home, over.signal, effects_of_session)));
        if (performance.now() >= slice_ends) {
          await new Promise((resume) => setTimeout(resume));
          slice_ends = performance.now() + this.#options.slice_ms;
        }
        over.signal.throwIfAborted();
        step = this.#call(home, (engine) => engine.resume(session, moment(), replies));
      }
      return step.val;
    } catch (error) {
      if (session !== undefined && !home.lost) this.#call(home, (engine) => engine.abandon(session));
      throw error;
    } finally {
      --this.#sessions;
      signal?.removeEventListener('abort', leave);
      home.endings.delete(leave);
      over.abort();
    }
  }

  /** @returns {Promise<import('./contract.d.ts').Reply>} */
  async #perform({ tag, val }, home, signal, effects) {
    const { store, fetch } = this.#options;
    effects.any ||= (tag === 'fetch' && val.method !== 'GET') || (tag === 'commit' && !val.ops.map(keyOf).every(isVolatile));
    switch (tag) {
      case 'get': return reply('entries', () => store.get(val));
      case 'scan': return reply('scanned', () => store.scan(val));
      case 'commit': return this.#commit(val);
      case 'fetch': return fetch(val, (url, addresses) => home.engine.mayConnect(url, addresses), signal);
      case 'wait': return this.#wait(val, signal);
      default: throw new Error(`unknown effect: ${tag}`);
    }
  }

  /** @returns {Promise<import('./contract.d.ts').Reply>} */
  async #commit(commit) {
    /** @type {import('./contract.d.ts').Reply} */
    let answer;
    try {
      answer = { tag: await this.#options.store.commit(commit) };
    } catch (error) {
      answer = { tag: error instanceof Refused ? 'failed' : 'unknown', val: String(error?.message ?? error) };
    }
    if (answer.tag !== 'conflict') {
      const keys = commit.ops.map(keyOf);
      this.#waits.written(keys);
      this.#scheduler.written(keys);
    }
    return answer;
  }

  /** Subscribes before it reads the rows, so that no write in between is missed. @returns {Promise<import('./contract.d.ts').Reply>} */
  async #wait({ seen, untilMs }, signal) {
    const keys = seen.map(({ key }) => key);
    const looked = new AbortController();
    const woken = this.#waits.wait(keys, Number(untilMs), looked.signal);
    signal.addEventListener('abort', () => looked.abort(), { once: true });
    const rows = await Promise.resolve(this.#options.store.get(keys)).catch(() => null);
    if (!rows || signal.aborted || rows.some((row, i) => row?.version !== seen[i].version)) looked.abort();
    await woken;
    return { tag: 'woken' };
  }

  async #instance() {
    this.#home ??= this.#options.makeInstance().then(({ engine }) => {
      engine.configure(JSON.stringify(this.#options.config));
      return { engine, lost: false, endings: new Set() };
    });
    try {
      return await this.#home;
    } catch (error) {
      this.#home = undefined;
      const sentence = error.payload ?? error;
      throw typeof sentence === 'string' ? new Error(`configuration: ${sentence}`) : error;
    }
  }

  #call(home, action) {
    if (home.lost) throw new EngineLost('another session trapped the instance');
    try {
      return action(home.engine);
    } catch (error) {
      throw this.#lose(home, String(error?.message ?? error));
    }
  }

  /** Aborts every session of the instance; the next session gets a new one. */
  #lose(home, why) {
    if (!home.lost) this.#home = undefined;
    home.lost = true;
    for (const end of home.endings) end();
    return Object.assign(new EngineLost(why), { culprit: true });
  }

  async #shards() {
    const shards = [...challenge_shards];
    for (let after = ''; ; ) {
      const rows = await this.#options.store.scan({ prefix: shard_list, after, limit: scan_limit_max, reverse: false });
      for (const { key } of rows) shards.push(key.slice(shard_list.length));
      if (rows.length < scan_limit_max) return shards;
      after = rows[rows.length - 1].key;
    }
  }
}

async function reply(tag, action) {
  try {
    return { tag, val: await action() };
  } catch (error) {
    return { tag: 'failed', val: String(error?.message ?? error) };
  }
}

/** @returns {import('./contract.d.ts').Moment} */
function moment() {
  const [a, b, c, d] = crypto.getRandomValues(new BigUint64Array(4));
  return { nowMs: BigInt(Date.now()), entropy: [a, b, c, d] };
}
