// Builds the static site: node build-site.mjs [FOLDER] (default: build/site). Any file server can serve it, over HTTPS or on localhost.
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const site = process.argv[2] ?? here('../../build/site');
const engine = here('../../build/browser/engine');
await readFile(join(engine, 'lntpay.wasm')).catch(() => {
  console.error('build/browser/engine does not exist. Run make browser.');
  process.exit(2);
});

const of_node = new Set(['instantiate.mjs', 'bootstrap.mjs', 'programs.mjs', 'new-secrets.mjs', 'types.mjs', 'static-files.mjs']);
const modules = async (folder) => (await readdir(folder)).filter((name) => name.endsWith('.mjs') && !of_node.has(name));
const of_site = ['emscripten-engine.mjs', 'browser-sandbox.mjs', 'indexed-store.mjs', 'browser-settings.mjs', 'database.mjs'];

await rm(site, { recursive: true, force: true });
await mkdir(site, { recursive: true });
await cp(here('page'), site, { recursive: true, filter: (path) => !path.endsWith('README.md') });
for (const name of await modules(here('../js'))) await cp(here(`../js/${name}`), join(site, 'js', name));
for (const name of of_site) await cp(here(name), join(site, 'browser', name));
for (const name of ['lntpay.mjs', 'lntpay.wasm']) await cp(join(engine, name), join(site, 'engine', name));

// The document and the reference, whose "Try it" uses the sandbox of this tab.
const resources = here('../../build/resources');
const listed = await readFile(join(resources, 'resources.json'), 'utf8').catch(() => {
  console.error('build/resources does not exist. Run make resources.');
  process.exit(2);
});
for (const { file } of JSON.parse(listed)) {
  const content = await readFile(join(resources, file), 'utf8');
  await mkdir(dirname(join(site, file)), { recursive: true });
  await writeFile(join(site, file), file === 'docs.html' ? content.replace('<body>', '<body data-sandbox>') : content);
}

// The files that the service worker caches, and a version that changes with any of them.
const files = (await readdir(site, { recursive: true, withFileTypes: true })).filter((file) => file.isFile())
  .map((file) => join(file.parentPath ?? file.path, file.name).slice(site.length + 1)).sort();
const hash = createHash('sha256');
let bytes = 0;
for (const name of files) {
  const content = await readFile(join(site, name));
  hash.update(name).update(content);
  bytes += content.length;
}
const list = ['./', ...files];
await writeFile(join(site, 'files.mjs'), `export const version = '${hash.digest('hex').slice(0, 16)}';\nexport const files = ${JSON.stringify(list)};\n`);
console.log(`site: ${files.length + 1} files, ${Math.ceil(bytes / 1024)} KB`);
