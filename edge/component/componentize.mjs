// Makes a component of the linked core module, refuses any import, and tells its size:
//   node componentize.mjs module.wasm component.wasm
import { readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';

const [from, to] = process.argv.slice(2);
const core = await readFile(from);
const imports = WebAssembly.Module.imports(new WebAssembly.Module(core));
if (imports.length > 0) {
  console.error(`the module must not import anything, but asks for: ${imports.map((i) => `${i.module}.${i.name}`).join(', ')}`);
  process.exit(1);
}
const component = await componentNew(core);
await writeFile(to, component);

const kb = (bytes) => `${(bytes / 1024).toFixed(0)} KB`;
console.log(`component: ${to.split('/').pop()} ${kb(component.length)}, ${kb(gzipSync(component, { level: 9 }).length)} gzip`);
