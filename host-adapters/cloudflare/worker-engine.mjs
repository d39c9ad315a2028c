// Instances of the component, from the files that `npm run build` puts into engine/.
import core from './engine/edge.core.wasm';
import core2 from './engine/edge.core2.wasm';
import { instantiate } from './engine/edge.js';

const modules = { 'edge.core.wasm': core, 'edge.core2.wasm': core2 };

/** A fresh one each time, for one that trapped. */
export async function makeInstance() {
  return await instantiate((path) => modules[path], {}, (module, imports) => new WebAssembly.Instance(module, imports));
}
