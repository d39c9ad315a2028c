// The JavaScript stores for tests/conformance/script_store.cpp: a line of JSON in, a line out. Not a suite.
//   {"op":"new"} -> {"id":1}      {"op":"reopen","id":1}      {"op":"get"|"scan"|"commit","id":1,"asked":…}
// Versions are decimal strings.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { MemoryStore } from '../../host-adapters/js/memory-store.mjs';
import { perform } from './perform.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
function memory() {
  const stores = [];
  return {
    make: async () => stores.push(new MemoryStore()) - 1,
    reopen: async () => false,
    perform: (id, op, asked) => perform(stores[id], op, asked),
    end() {},
  };
}

async function durable() {
  const { Miniflare } = await import('../../host-adapters/cloudflare/local-workers.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'lntpay-stores-'));
  const paths = ['tests/conformance/durable_worker.mjs', 'tests/conformance/perform.mjs', 'host-adapters/cloudflare/durable-store.mjs', 'host-adapters/js/keys.mjs',
    'host-adapters/js/limits.mjs', 'host-adapters/js/memory-store.mjs', 'host-adapters/js/volatile-store.mjs'];
  const modules = paths.map((path) => ({ type: 'ESModule', path: join(root, path), contents: readFileSync(join(root, path), 'utf8') }));
  const runtime = new Miniflare({
    modulesRoot: root,
    modules,
    compatibilityDate: '2026-06-01',
    durableObjects: { STORES: { className: 'StoreObject', useSQLite: true } },
    durableObjectsPersist: folder,
  });
  const url = await runtime.ready;
  const call = async (body) => (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).text();
  let made = 0;
  return {
    make: async () => made++,
    async reopen(id) {
      await call({ op: 'reopen', id });
      return true;
    },
    perform: (id, op, asked) => call({ op, id, asked }),
    async end() {
      await runtime.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function indexed() {
  const { launch } = await import('../e2e/lib_browser.mjs');
  const { serveSite } = await import('../../host-adapters/browser/serve.mjs');
  const server = await serveSite({ site: root });
  const browser = await launch();
  const page = await browser.newPage();
// Any page of the origin serves: databases are per origin.
  await page.goto(`http://localhost:${server.address().port}/host-adapters/browser/page/icon.svg`);
  const open = () => page.evaluate(async () => {
    const [{ IndexedStore }, { VolatileStore }, { perform }] = await Promise.all(
      ['browser/indexed-store', 'js/volatile-store', '../tests/conformance/perform'].map((name) => import(`/host-adapters/${name}.mjs`)));
    globalThis.perform = perform;
    globalThis.openStore = (id) => ((globalThis.stores ??= [])[id] ??= new VolatileStore(new IndexedStore(`store ${id}`)));
  });
  await open();
  let made = 0;
  return {
    make: async () => made++,
    async reopen() {
      await page.reload();
      await open();
      return true;
    },
    perform: (id, op, asked) => page.evaluate((...words) => perform(openStore(words[0]), words[1], words[2]), id, op, asked),
    async end() {
      await browser.close();
      server.close();
    },
  };
}

const stores = await { memory, durable, indexed }[process.argv[2]]();
for await (const line of createInterface({ input: process.stdin })) {
  const { op, id, asked } = JSON.parse(line);
  const answers = {
    new: async () => JSON.stringify({ id: await stores.make() }),
    reopen: async () => JSON.stringify({ reopened: await stores.reopen(id) }),
  };
  console.log(await (answers[op]?.() ?? stores.perform(id, op, asked)));
}
await stores.end();
