// The Durable Object of one shard: its rows, its instance of the engine, its alarm. Its name is the shard's two characters.
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
    wakeOther: (name, at_ms) => this.#other(name).wakeAt(at_ms).catch((error) => this.#log(`shard ${name} cannot be woken: ${error.message}`)),
    log: (line) => this.#log(line),
  });
  #driver;  // promise of it

  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(() => this.#alarms.start());
  }

  /** Made when a session first needs it: most shards only keep a row that another one finds by its payment hash. */
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

  /** The answer to a request whose place is this shard. */
  async request(asked) {
    return (await this.#engine()).request(asked);
  }

  /** May this request pass? Its header `lntpay-gate` names the gate. */
  async gate(asked) {
    return (await this.#engine()).run({ tag: 'gate', val: asked });
  }

  /** Afterwards: was it served? */
  async redeemed(pass, served) {
    return (await this.#engine()).run({ tag: 'redeemed', val: [pass, served] });
  }

  // This shard's rows, for sessions here and in other shards.
  get(keys) {
    return this.#store.get(keys);
  }

  scan(range) {
    return this.#store.scan(range);
  }

  /** `{ refused }` in place of an exception: what kind it is does not come through a call between objects. */
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
    return this.#alarms.ring();
  }
}
