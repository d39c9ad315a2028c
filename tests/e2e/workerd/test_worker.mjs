// LNTPay's Worker with test switches (POST /test/NAME/VALUE sets one, GET /test lists them), and a gate in front of a handler.
import lntpay, { Gates, Shard as RealShard } from '../../../host-adapters/cloudflare/worker.mjs';
import { gate } from '../../../host-adapters/cloudflare/gate.mjs';

export { Gates };

const switches = (globalThis.switches ??= {
  alarms: 'ring',  // throw: after the handler ran; lose: before it, until the platform drops the alarm
  lost: 0,
  trap: '',        // the kind of input at which the engine traps
  trapped: 0,
  store: 'up',     // down: every effect of every shard fails; full: no row can be written
  serve: '200',    // a status, throw, or crash: the gate's object is stopped while the service works
  served: 0,
});

export class Shard extends RealShard {
  async alarm() {
    if (switches.alarms === 'ring') return await super.alarm();
    ++switches.lost;
    if (switches.alarms === 'lose') return await this.ctx.storage.deleteAlarm();
    await super.alarm();
    throw new Error('lost by a test');
  }
  #check() {
    if (switches.store === 'down') throw new Error('down by a test');
  }
  get(keys) {
    this.#check();
    return super.get(keys);
  }
  scan(range) {
    this.#check();
    return super.scan(range);
  }
  commit(commit) {
    this.#check();
    if (switches.store === 'full' && commit.ops.some(({ tag }) => tag === 'put')) return { refused: 'full by a test' };
    return super.commit(commit);
  }
  crash() {
    this.ctx.abort('ended by a test');
  }
  alarmAt() {
    return this.ctx.storage.getAlarm();
  }
}

const objectOf = (env, shard) => env.SHARDS.get(env.SHARDS.idFromName(shard));

async function serve(request, env, id) {
  if (switches.serve === 'throw') throw new Error('the service is down');
  if (switches.serve === 'crash') await objectOf(env, id.slice(5, 7)).crash().catch(() => {});
  else if (switches.serve !== '200') return new Response('no', { status: Number(switches.serve) });
  ++switches.served;
  return Response.json({ report: 7, headers: Object.fromEntries(request.headers), body: await request.text() }, { headers: { 'cache-control': 'public' } });
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const [, area, name, value] = pathname.split('/');
    if (area === 'test' && name === 'alarm') return Response.json(await objectOf(env, value).alarmAt());
    if (area === 'test') {
      if (request.method === 'POST') switches[name] = value;
      return Response.json(switches);
    }
    if (area === 'reports') {
      const id = request.headers.get('x-test-gate') ?? searchParams.get('gate');
      return await gate(request, env, { gate: id, serve: (allowed) => serve(allowed, env, id) }).catch((error) => new Response(error.message, { status: 502 }));
    }
    return await lntpay.fetch(request, env);
  },
};
