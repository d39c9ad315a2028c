// LNTPay's Worker with switches for tests: POST /test/NAME/VALUE sets one, GET /test/NAME tells it. And a gate before a handler.
import lntpay, { Shard as RealShard } from '../../../host-adapters/cloudflare/worker.mjs';
import { gate } from '../../../host-adapters/cloudflare/gate.mjs';

const switches = (globalThis.switches ??= { alarms: 'ring', lost: 0, serve: '200', served: 0 });

export class Shard extends RealShard {
  async alarm() {
    if (switches.alarms !== 'throw') return await super.alarm();
    ++switches.lost;
    throw new Error('lost by a test');
  }
}

async function serve(request) {
  if (switches.serve === 'throw') throw new Error('the service is down');
  if (switches.serve !== '200') return new Response('no', { status: Number(switches.serve) });
  ++switches.served;
  return Response.json({ report: 7, headers: Object.fromEntries(request.headers), body: await request.text() });
}

export default {
  async fetch(request, env) {
    const [, area, name, value] = new URL(request.url).pathname.split('/');
    if (area === 'test') {
      if (request.method === 'POST') switches[name] = value;
      return Response.json(switches);
    }
    if (area === 'reports') {
      return await gate(request, env, { gate: request.headers.get('x-test-gate'), serve }).catch((error) => new Response(error.message, { status: 502 }));
    }
    return await lntpay.fetch(request, env);
  },
};
