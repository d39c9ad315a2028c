// The Durable Object of one shard: its rows, its engine instance, its alarm. Its name is the shard's two characters.
import { DurableObject } from 'cloudflare:workers';
import { Driver } from '../js/driver.mjs';
import { makeFetch } from '../js/fetching.mjs';
import { keyOf, Refused } from '../js/keys.mjs';
import { VolatileStore } from '../js/volatile-store.mjs';
import { Alarms } from './alarms.mjs';
import { DurableStore } from './durable-store.mjs';
import { makeInstance } from './worker-engine.mjs';
import { objectOf } from './objects.mjs';
import { readSettings } from './worker-settings.mjs';
import { ShardedStore } from './sharded-store.mjs';

export class Shard extends DurableObject {
  #shard = this.ctx.id.name;
  #store = new VolatileStore(new DurableStore(this.ctx.storage));
  #alarms = new Alarms({
    storage: this.ctx.storage,
    shard: this.#shard,
    run: async (input) => (await this.#engine()).run(input),
    wakeOther: (name, at_ms) => this.#other(name).wakeAt(at_ms).catch((error) => this.#log(`cannot wake shard ${name}: ${error.message}`)),
    log: (line) => this.#log(line),
  });
  #driver;  // promise of a Driver

  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(() => this.#alarms.start());
  }

  /** Started by the first session: most shards only keep rows that other shards look up by payment hash. */
  #engine() {
    return (this.#driver ??= this.#start().catch((error) => {
      this.#driver = undefined;
      throw error;
    }));
  }

  async #start() {
    const { config, upstreams } = await readSettings(this.env);
    const driver = new Driver({
      makeInstance,
      config,
      store: new ShardedStore((name) => (name === this.#shard ? this : this.#other(name))),
      fetch: makeFetch({ upstreams }),
      makeScheduler: () => this.#alarms,
      log: (line) => this.#log(line),
    });
    await driver.start();
    return driver;
  }

  #other(name) {
    return objectOf(this.env, name);
  }

  #log(line) {
    console.log(`shard ${this.#shard}: ${line}`);
  }

  /** The response to a request whose place is this shard. */
  async request(asked) {
    return (await this.#engine()).request(asked);
  }

  /** Authorizes a request at the gate that its header `lntpay-gate` names. */
  async gate(asked) {
    return (await this.#engine()).run({ tag: 'gate', val: asked });
  }

  /** Records the response to an authorized request. */
  async redeemed(answered) {
    return (await this.#engine()).run({ tag: 'redeemed', val: answered });
  }

  // This shard's rows, for sessions here and in other shards.
  get(keys) {
    return this.#store.get(keys);
  }

  scan(range) {
    return this.#store.scan(range);
  }

  /** Returns `{ refused }` instead of throwing Refused: calls between objects lose the class of an exception. */
  commit(commit) {
    let outcome;
    try {
      outcome = this.#store.commit(commit);
    } catch (error) {
      if (error instanceof Refused) return { refused: error.message };
      throw error;
    }
    if (outcome === 'committed') {
      const keys = commit.ops.map(keyOf);
      this.#alarms.written(keys);
      this.#driver?.then((driver) => driver.written(keys));
    }
    return outcome;
  }

  wakeAt(at_ms) {
    this.#alarms.arm(at_ms);
  }

  alarm() {
    return this.#alarms.handleAlarm();
  }
}
