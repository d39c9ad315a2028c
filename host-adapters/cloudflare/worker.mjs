// LNTPay as a Worker: every request goes to the Durable Object of the shard that it works in.
import { Driver } from '../js/driver.mjs';
import { answer } from '../js/http.mjs';
import { MemoryStore } from '../js/memory-store.mjs';
import { makeInstance } from './engine.mjs';
import { readSettings } from './settings.mjs';
import { Shard } from './shard.mjs';

export { Shard };

/** An instance that finds places and words refusals. It has no rows. */
let front;

async function frontOf(env) {
  const { config } = await readSettings(env);
  return new Driver({ makeInstance, config, store: new MemoryStore(), log: (line) => console.log(line) });
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
        request: async (asked) => {
          const shard = await here.place({ tag: 'http', val: asked });
          return await env.SHARDS.get(env.SHARDS.idFromName(shard)).request(asked);
        },
      };
      return await answer(entry, request, { client: request.headers.get('cf-connecting-ip') ?? '' });
    } catch (error) {
      console.log(`no answer: ${error.message}`);
      return answerOf(503, 'storage_unavailable', 'The store cannot be reached; nothing was lost, try again.');
    }
  },
};
