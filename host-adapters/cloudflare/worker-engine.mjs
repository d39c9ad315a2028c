// Makes instances of the component from the files that `npm run build` writes to engine/.
import core from './engine/edge.core.wasm';
import core2 from './engine/edge.core2.wasm';
import { instantiate } from './engine/edge.js';

const modules = { 'edge.core.wasm': core, 'edge.core2.wasm': core2 };

/** Returns a fresh instance on each call. */
export async function makeInstance() {
  return await instantiate((path) => modules[path], {}, (module, imports) => new WebAssembly.Instance(module, imports));
}
