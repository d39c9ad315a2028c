// In place of host-adapters/cloudflare/engine.mjs: instances that trap for a request with the header x-test-trap.
import { makeInstance as make } from './real-engine.mjs';

export async function makeInstance() {
  const { engine } = await make();
  const begin = (at, input) => {
    if (input.tag === 'http' && input.val.headers.some(([name]) => name === 'x-test-trap')) throw new WebAssembly.RuntimeError('unreachable');
    return engine.begin(at, input);
  };
  return { engine: { ...engine, begin } };
}
