// LNTPay as a Worker: routes every request to the Durable Object of its shard.
import { WorkerEntrypoint } from 'cloudflare:workers';
import { Driver } from '../js/driver.mjs';
import { answer } from '../js/http.mjs';
import { MemoryStore } from '../js/memory-store.mjs';
import { makeInstance } from './worker-engine.mjs';
import { objectOf, retryOnObject } from './objects.mjs';
import { readSettings } from './worker-settings.mjs';
import { Shard } from './shard.mjs';

export { Shard };

/** The entrypoint for other Workers: they can use gates, and see no rows. */
export class Gates extends WorkerEntrypoint {
  /** Tries twice at most: a use that a lost first try reserved is free again when its lease expires. */
  async gate(asked) {
    const shard = shardIn(asked.headers.find(([name]) => name === 'lntpay-gate')?.[1]);
    return objectOf(this.env, shard).gate(asked).catch(() => objectOf(this.env, shard).gate(asked));
  }

  redeemed(answered) {
    return retryOnObject(this.env, shardIn(answered.redemption), (object) => object.redeemed(answered));
  }
}

/** The shard of gate_{shard}… or rdm_{shard}…; any shard rejects an invalid id. */
const shardIn = (id = '') => /^(?:gate|rdm)_([0-9A-Za-z]{2})/.exec(id)?.[1] ?? '00';

/** Promise of a driver without rows, which finds the shard of a request and produces rejections. */
let front;

async function frontOf(env) {
  const { config } = await readSettings(env);
  const driver = new Driver({ makeInstance, config, store: new MemoryStore(), log: (line) => console.log(line) });
  await driver.ready();
  return driver;
}

function answerOf(status, code, message) {
  const headers = { 'content-type': 'application/json', ...(status === 503 && { 'retry-after': '1' }) };
  return new Response(JSON.stringify({ error: { code, message } }), { status, headers });
}

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === '/healthz') return new Response('ok\n');
    let here;
    try {
      here = await (front ??= frontOf(env));
    } catch (error) {
      front = undefined;
      return answerOf(500, 'internal_error', `This Worker is not set up. ${error.message}`);
    }
    try {
      const entry = {
        refuse: (why) => here.refuse(why),
        async request(asked) {
          const shard = await here.place({ tag: 'http', val: asked }).catch(() => undefined);
          return shard === undefined ? here.refuse('engine-lost') : objectOf(env, shard).request(asked);
        },
      };
      return await answer(entry, request, { client: request.headers.get('cf-connecting-ip') ?? '' });
    } catch (error) {
      console.log(`no response: ${error.message}`);
      return answerOf(503, 'storage_unavailable', 'The store is unavailable. Try again.');
    }
  },
};
