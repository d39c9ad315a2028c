// Transpiles the component into engine/, for Workers: node build-worker.mjs [COMPONENT] [FOLDER]
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transpile } from '@bytecodealliance/jco-transpile';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [component = here('../../build/lntpay.wasm'), folder = here('engine')] = process.argv.slice(2);
await readFile(component).catch(() => {
  console.error(`${component} does not exist. Run make component.`);
  process.exit(2);
});
const options = { name: 'edge', instantiation: 'async', minify: true, wasiShim: false, base64Cutoff: 0 };
const { files } = await transpile(component, options);
await mkdir(folder, { recursive: true });
for (const [name, bytes] of Object.entries(files)) {
  if (name.includes('/')) continue;  // types
  // Atomic: another process may be reading the file.
  const whole = `${folder}/.${name}.${process.pid}`;
  await writeFile(whole, bytes);
  await rename(whole, `${folder}/${name}`);
  console.log(`${name}  ${Math.ceil(bytes.length / 1024)} KB`);
}
