// Turns the linked core module into a component, shrinks it with binaryen, rejects imports of packages that are not named, and prints
// its size:
//   node componentize.mjs module.wasm component.wasm [wasi:http …]
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';

const [from, to, ...packages] = process.argv.slice(2);
// The pinned binaryen from npm: with one from PATH the bytes would depend on the machine.
const wasmOpt = fileURLToPath(new URL('../../node_modules/binaryen/bin/wasm-opt', import.meta.url));
const features = ['--enable-bulk-memory', '--enable-sign-ext', '--enable-mutable-globals', '--enable-nontrapping-float-to-int'];
const small = `${from}.small`;
// No object lies in the first KB: the stack ends there (--stack-first).
const passes = ['-O3', '--low-memory-unused', '--reorder-functions'];
execFileSync(process.execPath, [wasmOpt, from, ...passes, ...features, '-o', small], { stdio: 'inherit' });
const core = await readFile(small);
const imports = WebAssembly.Module.imports(new WebAssembly.Module(core));
const others = imports.filter(({ module }) => !packages.includes(module.split('/')[0]));
if (others.length > 0) {
  console.error(`the module must not import these: ${others.map((i) => `${i.module}.${i.name}`).join(', ')}`);
  process.exit(1);
}
const component = await componentNew(core);
await writeFile(to, component);

const kb = (bytes) => `${(bytes / 1024).toFixed(0)} KB`;
console.log(`component: ${to.split('/').pop()} ${kb(component.length)}, ${kb(gzipSync(component, { level: 9 }).length)} gzip`);
