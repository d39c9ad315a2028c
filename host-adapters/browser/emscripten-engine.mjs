// Adapts the Emscripten module to the driver: the types of wit/edge.wit in JavaScript on this side, JSON on the other
// (edge/component/json/contract_json.hpp).

const big = (key, value) => (typeof value === 'bigint' ? String(value) : value);

/**
 * @param {(options: object) => Promise<object>} load the default export of lntpay.mjs
 * @param {WebAssembly.Module} compiled lntpay.wasm
 * @returns {() => Promise<{ engine: import('../js/contract.d.ts').Engine, memory: () => { buffer: ArrayBuffer } }>} returns a fresh instance on each call
 */
export function makeInstanceOf(load, compiled) {
  const instantiateWasm = (imports, done) => {
    WebAssembly.instantiate(compiled, imports).then((instance) => done(instance, compiled));
    return {};  // Emscripten takes the exports from `done`
  };
  return async () => {
    const module = await load({ instantiateWasm });
    return { engine: engineOf(module), memory: () => ({ buffer: module.HEAPU8.buffer }) };
  };
}

function engineOf(module) {
  /** Calls an export with one string. The caller owns the memory of the result. */
  function call(name, text) {
    const argument = module.stringToNewUTF8(text);
    const result = module[name](argument);
    module._free(argument);
    if (!result) return '';
    const answer = module.UTF8ToString(result);
    module._free(result);
    return answer;
  }
  const json = (value) => JSON.stringify(value, big);
  const must = (error) => {
    if (error) throw Object.assign(new Error(error), { payload: error });
  };
  return {
    configure: (config) => must(call('_lntpay_configure', config)),
    place: (input) => call('_lntpay_place', json(input)),
    mayConnect: (url, addresses) => must(call('_lntpay_may_connect', json([url, addresses]))),
    begin: (at, input) => stepFrom(call('_lntpay_begin', json([at, input]))),
    resume: (session, at, replies) => stepFrom(call('_lntpay_resume', json([session, at, replies.map(replyTo)]))),
    abandon(session) {
      call('_lntpay_abandon', String(session));
    },
  };
}

/** A missing row is null in JSON. */
const replyTo = (reply) => (reply.tag === 'entries' ? { tag: 'entries', val: reply.val.map((row) => row ?? null) } : reply);

const check = ({ key, version }) => ({ key, version: version === undefined ? undefined : BigInt(version) });

const from_json = {
  commit: ({ checks, ops }) => ({ checks: checks.map(check), ops }),
  wait: ({ seen, untilMs }) => ({ seen: seen.map(check), untilMs: BigInt(untilMs) }),
};

/** @returns {import('../js/contract.d.ts').Step} */
function stepFrom(text) {
  const { tag, val } = JSON.parse(text);
  if (tag === 'done') return { tag, val: { ...val, wake: val.wake.map(([shard, ms]) => [shard, BigInt(ms)]) } };
  const [session, effects] = val;
  return { tag, val: [BigInt(session), effects.map((effect) => ({ tag: effect.tag, val: from_json[effect.tag]?.(effect.val) ?? effect.val }))] };
}
