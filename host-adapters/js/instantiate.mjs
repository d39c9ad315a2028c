// Makes instances of a component, in Node. It transpiles at start; other hosts ship the transpiled files.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transpile } from '@bytecodealliance/jco-transpile';

/**
 * @param {Uint8Array} component
 * @returns {Promise<{ imports: string[], exports: [string, string][], makeInstance: import('./contract.d.ts').MakeInstance }>}
 *   `makeInstance` returns a fresh instance on each call.
 */
export async function load(component) {
  const folder = await mkdtemp(join(tmpdir(), 'lntpay-component-'));
  try {
    const source = join(folder, 'component.wasm');
    await writeFile(source, component);
    /** @type {any} */
    const options = { name: 'edge', instantiation: 'async', wasiShim: false, base64Cutoff: 0 };
    const { files, imports, exports } = await transpile(source, options);
    const modules = new Map();
    for (const [name, bytes] of Object.entries(files)) if (name.endsWith('.wasm')) modules.set(name, new WebAssembly.Module(/** @type {BufferSource} */ (bytes)));
    const glue = join(folder, 'edge.mjs');
    await writeFile(glue, files['edge.js']);
    const { instantiate } = await import(pathToFileURL(glue).href);

    async function makeInstance() {
      const instances = [];
      const { engine } = await instantiate((path) => modules.get(path), {}, (module, wanted) => {
        instances.push(new WebAssembly.Instance(module, wanted));
        return instances.at(-1);
      });
      const memory = () => instances.map((each) => each.exports.memory).find((found) => found instanceof WebAssembly.Memory);
      return { engine, memory };
    }
    return { imports, exports, makeInstance };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One instance: { engine, imports, exports, memory() }. */
export async function instantiate(component) {
  const { imports, exports, makeInstance } = await load(component);
  return { ...(await makeInstance()), imports, exports };
}
