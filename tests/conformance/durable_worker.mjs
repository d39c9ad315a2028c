// A Worker whose Durable Objects expose host-adapters/cloudflare's store over HTTP.
import { DurableObject } from 'cloudflare:workers';
import { DurableStore } from '../../host-adapters/cloudflare/durable-store.mjs';
import { VolatileStore } from '../../host-adapters/js/volatile-store.mjs';
import { perform } from './perform.mjs';

export class StoreObject extends DurableObject {
  #store = new VolatileStore(new DurableStore(this.ctx.storage));

  async fetch(request) {
    const { op, asked } = await request.json();
    if (op === 'reopen') this.ctx.abort('reopened by a test');
    return new Response(await perform(this.#store, op, asked));
  }
}

export default {
  async fetch(request, env) {
    const { id } = await request.clone().json();
    const stub = env.STORES.get(env.STORES.idFromName(`store ${id}`));
    return await stub.fetch(request).catch((error) => new Response(error.message));
  },
};
