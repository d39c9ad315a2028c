// The Durable Object of one shard: its rows, its instance of the engine, its alarm. Its name is the shard's two characters.
import { DurableObject } from 'cloudflare:workers';
import { Driver } from '../js/driver.mjs';
import { makeFetch } from '../js/fetching.mjs';
import { keyOf } from '../js/keys.mjs';
import { VolatileStore } from '../js/volatile-store.mjs';
import { Alarms } from './alarms.mjs';
import { DurableStore } from './durable-store.mjs';
import { makeInstance } from './engine.mjs';
import { readSettings } from './settings.mjs';
import { ShardedStore } from './sharded-store.mjs';

export class Shard extends DurableObject {
  #store;
  #alarms;
  #driver;

  constructor(ctx, env) {
    super(ctx, env);
    const shard = ctx.id.name;
    const log = (line) => console.log(`shard ${shard}: ${line}`);
    const other = (name) => env.SHARDS.get(env.SHARDS.idFromName(name));
    this.#store = new VolatileStore(new DurableStore(ctx.storage));
    const store = new ShardedStore((name) => (name === shard ? this : other(name)));
    ctx.blockConcurrencyWhile(async () => {
      const { config, upstreams } = await readSettings(env);
      this.#driver = new Driver({
        makeInstance,
        config,
        store,
        fetch: makeFetch({ upstreams }),
        makeScheduler: ({ run }) => (this.#alarms = new Alarms({
          storage: ctx.storage,
          shard,
          run,
          wakeOther: (name, at_ms) => other(name).wakeAt(at_ms).catch((error) => log(`shard ${name} cannot be woken: ${error.message}`)),
          log,
        })),
        log,
      });
      await this.#driver.start();
    });
  }

  /** The answer to a request whose place is this shard. */
  request(asked) {
    return this.#driver.request(asked);
  }

  /** May this request pass? Its header `lntpay-gate` names the gate. */
  gate(asked) {
    return this.#driver.run({ tag: 'gate', val: asked });
  }

  /** Afterwards: was it served? */
  redeemed(pass, served) {
    return this.#driver.run({ tag: 'redeemed', val: [pass, served] });
  }

  // This shard's rows, for sessions here and in other shards.
  get(keys) {
    return this.#store.get(keys);
  }

  scan(range) {
    return this.#store.scan(range);
  }

  commit(commit) {
    const outcome = this.#store.commit(commit);
    if (outcome === 'committed') {
      const keys = commit.ops.map(keyOf);
      this.#alarms.written(keys);
      this.#driver.written(keys);
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
