// In place of host-adapters/cloudflare/worker-engine.mjs: instances that trap on a request with the header x-test-trap, and on every input of
// the kind that the switch `trap` names.
import { makeInstance as make } from './real-engine.mjs';

const isTrap = ({ tag, val }) => tag === globalThis.switches?.trap || (tag === 'http' && val.headers.some(([name]) => name === 'x-test-trap'));

export async function makeInstance() {
  const { engine } = await make();
  const begin = (at, input) => {
    if (!isTrap(input)) return engine.begin(at, input);
    if (globalThis.switches) ++globalThis.switches.trapped;
    throw new WebAssembly.RuntimeError('unreachable');
  };
  return { engine: { ...engine, begin } };
}
