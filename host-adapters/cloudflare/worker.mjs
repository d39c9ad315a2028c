// LNTPay as a Worker: every request goes to the Durable Object of the shard that it works in.
import { WorkerEntrypoint } from 'cloudflare:workers';
import { Driver } from '../js/driver.mjs';
import { answer } from '../js/http.mjs';
import { MemoryStore } from '../js/memory-store.mjs';
import { makeInstance } from './engine.mjs';
import { objectOf, sayAgain } from './objects.mjs';
import { readSettings } from './settings.mjs';
import { Shard } from './shard.mjs';

export { Shard };

/** What other Workers may be bound to: they can ask gates, and see no rows. */
export class Gates extends WorkerEntrypoint {
  /** A question is asked twice at most: where the first try reserved a use unheard, it is free again when its lease ends. */
  async gate(asked) {
    const shard = shardIn(asked.headers.find(([name]) => name === 'lntpay-gate')?.[1]);
    return objectOf(this.env, shard).gate(asked).catch(() => objectOf(this.env, shard).gate(asked));
  }

  redeemed(pass, served) {
    return sayAgain(this.env, shardIn(pass), (object) => object.redeemed(pass, served));
  }
}

/** gate_{shard}…, rdm_{shard}…; what is neither is asked of a shard that says so. */
const shardIn = (id = '') => /^(?:gate|rdm)_([0-9A-Za-z]{2})/.exec(id)?.[1] ?? '00';

/** An instance that finds places and words refusals. It has no rows. */
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
      console.log(`no answer: ${error.message}`);
      return answerOf(503, 'storage_unavailable', 'The store is unavailable. Try again.');
    }
  },
};
