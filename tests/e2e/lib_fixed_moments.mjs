// Fixed time, and randomness derived from the request, so that every host of the engine gives the same responses. Not a suite.
// The fixed time is in the past, so that due work is due at once on every host.

const fixed_ms = 1_700_000_000_000n;

/** FNV-1a, 64 bits. */
function hash(text) {
  let value = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  return value;
}

/** The part of an input that identifies it on every host. */
function essence({ tag, val }) {
  if (val?.headers === undefined) return `${tag} ${JSON.stringify(val)}`;
  const header = (name) => val.headers.find(([each]) => each === name)?.[1] ?? '';
  return [tag, val.method, val.target, header('authorization'), header('idempotency-key'), val.body].join('\n');
}

/** @param {import('../../host-adapters/js/contract').Engine} engine */
export function withFixedMoments(engine) {
  const seeds = new Map();  // session -> the seed of its randomness
  const moment = (seed) => ({ nowMs: fixed_ms, entropy: [0, 1, 2, 3].map((part) => hash(`${part} ${seed}`)) });
  const keep = (step, seed) => {
    if (step.tag === 'ask') seeds.set(step.val[0], seed);
    return step;
  };
  return {
    ...engine,
    begin: (_, input) => keep(engine.begin(moment(essence(input)), input), essence(input)),
    resume(session, _, replies) {
      const seed = `${seeds.get(session)}+`;
      seeds.delete(session);
      return keep(engine.resume(session, moment(seed), replies), seed);
    },
  };
}
