// Stands at the root of the site: the sandbox answers below its scope, everything else comes from the files that were kept at the
// first load, so that the page works offline.
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
  return Sandbox.open({ scope, makeInstance, tell: (message) => channel.postMessage(message), lost: () => (opened = undefined) });
}

/** Opened by the first request that needs it, and anew after a failure. */
let opened;
const keep = (opening) => (opened = opening.catch((error) => {
  opened = undefined;
  throw error;
}));

async function forget() {
  const old = await (opened ?? keep(open()));
  await keep(old.forget().then(open));  // whoever asks meanwhile waits for the new one
  return new Response(null, { status: 204 });
}

async function ask(request) {
  try {
    if (request.method === 'DELETE' && request.url === `${scope}sandbox.json`) return await forget();
    const sandbox = await (opened ?? keep(open()));
    return await sandbox.handle(request);
  } catch (error) {
    console.error(error);
    const message = `The sandbox cannot answer; nothing was lost, try again. ${error.message}`;
    return Response.json({ error: { code: 'storage_unavailable', message } }, { status: 503 });
  }
}

const file = async (request) => (await caches.match(request, { ignoreSearch: true })) ?? fetch(request);

self.addEventListener('install', (event) => {
  // By the network, not by a copy that the browser kept of an older version.
  const fresh = files.map((name) => new Request(name, { cache: 'reload' }));
  event.waitUntil(caches.open(cache_prefix + version).then((cache) => cache.addAll(fresh)).then(() => self.skipWaiting()));
});

async function takeOver() {
  for (const name of await caches.keys()) if (name.startsWith(cache_prefix) && name !== cache_prefix + version) await caches.delete(name);
  await self.clients.claim();
}
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
// A page that was loaded past its service worker (Ctrl-Shift-R) asks for it.
self.addEventListener('message', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.url.startsWith(scope)) event.respondWith(Sandbox.answers(request.url, scope) ? ask(request) : file(request));
});
