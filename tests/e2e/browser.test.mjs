// The sandbox in a browser tab, in headless Chromium: the demo page; its rows after a reload, offline, and after the
// browser was killed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { serveSite } from '../../host-adapters/browser/serve.mjs';
import { root, until } from './lib.mjs';
import { launch } from './lib_browser.mjs';

let server, url, browser, profile, page;
const shots = join(root, 'build/screenshots');

async function open() {
  browser = await launch({ userDataDir: profile });
  page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await visit();
}
async function visit(options) {
  await page.goto(url, options);
  await page.waitForSelector('main:not([hidden])');
}
const text = (selector) => page.$eval(selector, (element) => element.textContent.trim());
const says = (selector, wanted) => page.waitForFunction((s, w) => document.querySelector(s).textContent.includes(w), {}, selector, wanted);
/// Calls the API from the page, with its key: { status, json }.
const api = (method, path, body) => page.evaluate(async (m, p, b) => {
  const { key, base_url } = await (await fetch('sandbox.json')).json();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await fetch(base_url + p, { method: m, headers, ...(b && { body: JSON.stringify(b) }) });
  return { status: answer.status, json: await answer.json() };
}, method, path, body);

before(async () => {
  execFileSync(process.execPath, [join(root, 'host-adapters/browser/build-site.mjs')]);
  await mkdir(shots, { recursive: true });
  profile = await mkdtemp(join(tmpdir(), 'lntpay-browser-'));
  server = await serveSite();
  url = `http://localhost:${server.address().port}/`;
  await open();
});
after(async () => {
  await browser?.close();
  server?.close();
  await rm(profile, { recursive: true, force: true });
});

test('first visit: an invoice is paid, the ledger verifies, webhooks are signed', async () => {
  await page.click('#charge form button');
  await page.waitForFunction(() => document.querySelector('#charge .qr').naturalWidth > 0);
  assert.match(await text('#charge .bolt11'), /^lnbcrt210n1/);
  await page.click('#charge .pay');
  await says('#charge .status', 'paid');
  await says('#balance output', '21');
  await page.click('#balance .verify');
  await says('#balance .proof', 'Every entry and every hash is correct.');
  await says('#webhooks ul', 'charge.paid');
  assert.ok(!(await text('#webhooks ul')).includes('✗'));
});

test('the reference, whose "Try it" calls this sandbox with its own key', async () => {
  const docs = await browser.newPage();
  await docs.goto(`${url}docs.html`);
  await docs.waitForFunction(() => document.querySelector('.key [role=status]').textContent === 'ready');
  await docs.$eval('#getBalance .try form', (form) => form.requestSubmit());
  await docs.waitForFunction(() => document.querySelector('#getBalance output').textContent.includes('"object": "balance"'));
  await docs.close();
});

test('a priced request: 402, paid, served', async () => {
  await page.click('#gate .ask');
  await says('#gate .said', '402 Payment Required');
  await page.click('#gate .buy');
  await says('#gate .said', '200 OK');
  await says('#balance output', '26');
});

test('a withdrawal succeeds; one to an unreachable payee is refunded', async () => {
  await page.click('#withdraw form button');
  await says('#withdraw .sent', 'succeeded');
  await page.select('#withdraw select', 'fail');
  await page.click('#withdraw form button');
  await says('#withdraw .sent', 'failed');
  await page.waitForFunction(() => document.querySelector('#balance .locked').textContent === '');
  const { data } = (await api('GET', '/withdrawals')).json;
  const fee_msat = data.find(({ status }) => status === 'succeeded').fee_msat;
  const { json } = await api('GET', '/balance');
  assert.equal(json.available_msat, 26_000 - 5_000 - fee_msat);
});

test("a charge's checkout page opens in its own tab and pays there", async () => {
  const { json } = await api('POST', '/charges', { amount_sats: 9 });
  const checkout = await browser.newPage();
  await checkout.goto(json.checkout_url);
  assert.match(await checkout.$eval('h1', (h1) => h1.textContent), /^9 sats/);
  await checkout.evaluate(() => document.querySelector('form[action$="/pay"]').submit());
  await checkout.waitForFunction(() => document.querySelector('h1').textContent === 'Paid', { timeout: 20_000 });
  await checkout.close();
  assert.equal((await api('GET', `/charges/${json.id}`)).json.status, 'paid');
});

const turn = async (fault) => {
  await page.click(`#faults input[name=${fault}]`);
  await page.evaluate(() => document.activeElement.blur());
  await page.waitForFunction(async (name) => {
    const { key, base_url } = await (await fetch('sandbox.json')).json();
    const { faults } = await (await fetch(`${base_url}/sandbox`, { headers: { authorization: `Bearer ${key}` } })).json();
    return faults.includes(name) === document.querySelector(`#faults input[name=${name}]`).checked;
  }, {}, fault);
};

test('injected faults: a card shows its error until its next action', async () => {
  await turn('node_down');
  for (const [card, button] of [['charge', 'form button'], ['gate', '.ask'], ['withdraw', 'form button']]) {
    await page.click(`#${card} ${button}`);
    await says(`#${card} [role=alert]`, 'node');
  }
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  assert.match(await text('#charge [role=alert]'), /node/);
  await turn('node_down');
  await page.click('#charge form button');
  await page.waitForFunction(() => document.querySelector('#charge [role=alert]').textContent === '');
});

test('a page loaded without its service worker is claimed by it', async () => {
  const devtools = await page.createCDPSession();
  await devtools.send('Page.reload', { ignoreCache: true });
  await page.waitForNavigation();
  await page.waitForSelector('main:not([hidden])');
});

/// Runs `action` in a tab of a separate browser, which is always closed.
async function apart(action) {
  const other = await launch();
  try {
    const tab = await other.newPage();
    tab.setDefaultTimeout(20_000);
    await action(tab);
  } finally {
    await other.close();
  }
}

test("clearing the site's data creates a new sandbox", () => apart(async (tab) => {
  const key = async () => (await tab.evaluate(async () => (await fetch('sandbox.json')).json())).key;
  await tab.goto(url);
  await tab.waitForSelector('main:not([hidden])');
  const before = await key();
  const devtools = await tab.createCDPSession();
  await devtools.send('Storage.clearDataForOrigin', { origin: new URL(url).origin, storageTypes: 'indexeddb' });
  await until('another workspace', async () => (await key()) !== before);
  await tab.reload();
  await tab.waitForSelector('main:not([hidden])');
}));

test('two copies on one origin are separate', () => apart(async (tab) => {
  const site = await mkdtemp(join(tmpdir(), 'lntpay-two-'));
  for (const name of ['a', 'b']) await cp(join(root, 'build/site'), join(site, name), { recursive: true });
  const two = await serveSite({ site });
  try {
    const there = `http://localhost:${two.address().port}/`;
    for (const name of ['a', 'b', 'a']) {
      await tab.goto(`${there}${name}/`);
      await tab.waitForSelector('main:not([hidden])');
      const { base_url } = await tab.evaluate(async () => (await fetch('sandbox.json')).json());
      assert.equal(base_url, `${there}${name}/v1`);
    }
    assert.equal((await fetch(`${there}%E0%A4%A`)).status, 400);
    assert.equal((await fetch(`${there}nothing`)).status, 404);
  } finally {
    two.close();
    await rm(site, { recursive: true, force: true });
  }
}));

test('a reload keeps everything, also offline', async () => {
  const before = (await api('GET', '/balance')).json;
  await visit();
  assert.deepEqual((await api('GET', '/balance')).json, before);
  assert.ok((await text('#webhooks ul')).includes('withdrawal.succeeded'));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await visit();
  assert.deepEqual((await api('GET', '/balance')).json, before);
  assert.equal((await api('POST', '/charges', { amount_sats: 1 })).status, 201);
  server = await serveSite({ port: Number(new URL(url).port) });
});

test('a browser killed during commits loses nothing acknowledged', async () => {
  const { json: before } = await api('GET', '/balance');
  const answered = [];
  await page.exposeFunction('answered', (id) => answered.push(id));
  page.evaluate(async () => {
    const { key, base_url } = await (await fetch('sandbox.json')).json();
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const post = async (path, body) => (await fetch(base_url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    const one = async () => {
      for (;;) {
        const { id } = await post('/charges', { amount_sats: 1 });
        if ((await post(`/sandbox/charges/${id}/pay`, {})).status === 'paid') window.answered(id);
      }
    };
    await Promise.all(Array.from({ length: 8 }, one));
  }).catch(() => {});
  while (answered.length < 20) await new Promise((resolve) => setTimeout(resolve, 20));
  browser.process().kill('SIGKILL');
  await new Promise((resolve) => browser.process().once('exit', resolve));
  await open();
  for (const id of answered) assert.equal((await api('GET', `/charges/${id}`)).json.status, 'paid');
  // Payments that the kill cut off are credited by their polls, ten seconds later.
  assert.equal((await api('POST', '/sandbox/clock/advance', { ms: 60_000 })).status, 200);
  const balances = [];
  do {
    await new Promise((resolve) => setTimeout(resolve, 400));
    balances.push((await api('GET', '/balance')).json.available_msat);
  } while (balances.length < 4 || balances.slice(-4).some((each) => each !== balances.at(-1)));
  const { json: now } = await api('GET', '/balance');
  assert.ok(now.available_msat - before.available_msat >= answered.length * 1_000);
  assert.equal((await api('GET', '/ledger/verify')).json.ok, true);
});

test('a full disk: writes are 503, reads work, and nothing is lost', async () => {
  const { json: made } = await api('POST', '/charges', { amount_sats: 7 });
  const before = (await api('GET', '/balance')).json.available_msat;
  // A browser without space aborts the transaction. (Chromium does not enforce the quota that developer tools set.)
  const worker = await (await browser.waitForTarget((target) => target.type() === 'service_worker')).worker();
  await worker.evaluate(() => {
    const put = (self.put = IDBObjectStore.prototype.put);
    IDBObjectStore.prototype.put = function (...row) {
      const request = put.apply(this, row);
      this.transaction.abort();
      return request;
    };
  });
  try {
    const refused = await api('POST', `/sandbox/charges/${made.id}/pay`, {});
    assert.deepEqual([refused.status, refused.json.error?.code], [503, 'storage_unavailable']);
    assert.equal((await api('GET', `/charges/${made.id}`)).json.status, 'pending');
  } finally {
    await worker.evaluate(() => (IDBObjectStore.prototype.put = self.put) && 0);
  }
  assert.equal((await api('POST', `/sandbox/charges/${made.id}/pay`, {})).json.status, 'paid');
  assert.equal((await api('GET', '/balance')).json.available_msat, before + 7_000);
});

test('two tabs write at once: each credit happens once, and both see it', async () => {
  const before = (await api('GET', '/balance')).json.available_msat;
  const other = await browser.newPage();
  await other.goto(url);
  await other.waitForSelector('main:not([hidden])');
  const buy = (tab) => tab.evaluate(async () => {
    const { key, base_url } = await (await fetch('sandbox.json')).json();
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const post = async (path, body = {}) => (await fetch(base_url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    const made = await Promise.all(Array.from({ length: 20 }, () => post('/charges', { amount_sats: 1 })));
    return Promise.all(made.map(async ({ id }) => (await post(`/sandbox/charges/${id}/pay`)).status));
  });
  const paid = (await Promise.all([page, other].map(buy))).flat();
  assert.ok(paid.every((status) => status === 'paid'), paid.join());
  assert.equal((await api('GET', '/balance')).json.available_msat, before + 40_000);
  const digits = String((before + 40_000) / 1_000).replace('.', '');
  for (const tab of [page, other]) {
    await tab.bringToFront();
    await tab.waitForFunction((wanted) => document.querySelector('#balance output').textContent.replaceAll(/\D/g, '') === wanted, {}, digits);
  }
  await other.close();
  assert.equal((await api('GET', '/ledger/verify')).json.ok, true);
});

test('reset deletes everything, including work in progress', async () => {
  page.evaluate(async () => {
    const { key, base_url } = await (await fetch('sandbox.json')).json();
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    for (;;) await fetch(`${base_url}/charges`, { method: 'POST', headers, body: '{"amount_sats":1}' });
  }).catch(() => {});
  const { key: before } = await page.evaluate(async () => (await fetch('sandbox.json')).json());
  await page.click('#faults .reset');
  await page.waitForFunction(async (old) => (await (await fetch('sandbox.json')).json()).key !== old, { timeout: 20_000 }, before);
  await page.waitForFunction(() => document.querySelector('#balance output')?.textContent === '0', { timeout: 20_000 });
  await page.waitForSelector('main:not([hidden])');
  assert.equal((await api('GET', '/ledger')).json.data.length, 0);
  const { workspace } = await page.evaluate(async () => (await fetch('sandbox.json')).json());
  const foreign = await page.evaluate(async (mine) => {
    const open = indexedDB.open('lntpay/rows');
    await new Promise((resolve) => (open.onsuccess = resolve));
    const rows = await new Promise((resolve) => (open.result.transaction('rows').objectStore('rows').getAll().onsuccess = ({ target }) => resolve(target.result)));
    open.result.close();
    return rows.map(({ key }) => key).filter((key) => /\/ws_/.test(key) && !key.includes(mine));
  }, workspace.slice(3));
  assert.deepEqual(foreign, []);
});

test('the page is readable in light and dark, wide and narrow', async () => {
  await page.click('#charge form button');
  await page.waitForFunction(() => document.querySelector('#charge .qr').naturalWidth > 0);
  for (const scheme of ['light', 'dark']) {
    for (const width of [1280, 360]) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.setViewport({ width, height: 900 });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wider, false, `nothing is wider than ${width}`);
      await page.screenshot({ path: join(shots, `browser-${scheme}-${width}.png`), fullPage: true });
    }
  }
});
