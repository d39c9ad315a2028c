// The service worker of the site: it passes API requests to the sandbox and serves the files that it cached at the first load, so that
// the page works offline.
import load from './engine/lntpay.mjs';
import { makeInstanceOf } from './browser/emscripten-engine.mjs';
import { Sandbox } from './browser/browser-sandbox.mjs';
import { files, version } from './files.mjs';

const { scope } = self.registration;
const cache_prefix = `lntpay ${new URL(scope).pathname} `;
const channel = new BroadcastChannel(`lntpay ${new URL(scope).pathname}`);

async function compile() {
  const kept = await caches.match(new URL('engine/lntpay.wasm', scope));
  return WebAssembly.compileStreaming(kept ?? fetch('engine/lntpay.wasm'));
}

async function open() {
  const makeInstance = makeInstanceOf(load, await compile());
  return Sandbox.open({ scope, makeInstance, notify: (message) => channel.postMessage(message), lost: () => (opened = undefined) });
}

/** Promise of the sandbox: opened by the first request that needs it, and again after a failure. */
let opened;
const keep = (opening) => (opened = opening.catch((error) => {
  opened = undefined;
  throw error;
}));

async function reset() {
  const old = await (opened ?? keep(open()));
  await keep(old.reset().then(open));  // requests that arrive meanwhile wait for the new sandbox
  return new Response(null, { status: 204 });
}

async function toSandbox(request) {
  try {
    if (request.method === 'DELETE' && request.url === `${scope}sandbox.json`) return await reset();
    const sandbox = await (opened ?? keep(open()));
    return await sandbox.handle(request);
  } catch (error) {
    console.error(error);
    const message = `The sandbox could not run this request; your data is safe. Try again, or reload the page. (${error.message})`;
    return Response.json({ error: { code: 'storage_unavailable', message } }, { status: 503 });
  }
}

const file = async (request) => (await caches.match(request, { ignoreSearch: true })) ?? fetch(request);

self.addEventListener('install', (event) => {
  // Bypasses the browser's HTTP cache, which may hold files of an older version.
  const fresh = files.map((name) => new Request(name, { cache: 'reload' }));
  event.waitUntil(caches.open(cache_prefix + version).then((cache) => cache.addAll(fresh)).then(() => self.skipWaiting()));
});

async function takeOver() {
  for (const name of await caches.keys()) if (name.startsWith(cache_prefix) && name !== cache_prefix + version) await caches.delete(name);
  await self.clients.claim();
}
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
// A page that was loaded without its service worker (Ctrl-Shift-R) asks to be claimed.
self.addEventListener('message', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.url.startsWith(scope)) event.respondWith(Sandbox.serves(request.url, scope) ? toSandbox(request) : file(request));
});
