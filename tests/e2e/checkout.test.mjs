// The checkout page in a real browser: headless Chromium, with and without scripts, in light and dark, wide and on a phone, checked by
// axe-core. Screenshots of every state are left in build/screenshots for review.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import jsQR from 'jsqr';
import { launch } from './lib_browser.mjs';
import { root, startHost } from './lib.mjs';

const screenshots = `${root}build/screenshots`;

let host, browser, shop;

before(async () => {
  await mkdir(screenshots, { recursive: true });
  shop = createServer((_, response) => response.end('thank you')).listen(0, '127.0.0.1');
  await once(shop, 'listening');
  host = await startHost();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await host?.stop();
  shop.close();
  shop.closeAllConnections();
});

const axe = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

const make = async (more = {}) => (await host.api('POST', '/v1/charges', { amount_sats: 21_000, description: 'Two coffees & a <croissant>', ...more })).json;
const pay = (charge, how = {}) => host.api('POST', `/v1/sandbox/charges/${charge.id}/pay`, how);
const expire = (charge) => host.api('POST', `/v1/sandbox/charges/${charge.id}/expire`);
const profile = (fields) => host.api('PATCH', '/v1/workspace', fields);

/// Opens a tab and collects its problems: errors, violations of the content policy, requests to other origins.
async function open(t, url, prepare = async () => {}) {
  const context = await browser.createBrowserContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  page.on('request', (request) => request.url().startsWith(host.url) || wrong.push(request.url()));
  await prepare(page, context);
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  return { page, wrong };
}
const text = (page, selector) => page.$eval(selector, (element) => element.innerText);
const seen = (page, selector) => page.$eval(selector, (element) => element.checkVisibility());
const shown = (page, title) => page.waitForFunction((wanted) => document.querySelector('h1')?.innerText.startsWith(wanted), { timeout: 10_000 }, title);

test('the page shows the amount, and updates when the payment arrives', async (t) => {
  const charge = await make();
  const { page, wrong } = await open(t, charge.checkout_url);
  assert.match(await text(page, 'h1'), /^21,000\s+sats$/);
  assert.match(await text(page, 'main'), /Two coffees & a <croissant>/);
  assert.equal(await page.$eval('a.qr', (link) => link.href), charge.lightning_uri);
  assert.equal(await seen(page, '#wallet'), false, 'this browser has no wallet');
  const first = await text(page, '#left');
  assert.match(first, /^Expires in (10:00|9:5\d)$/);
  await page.waitForFunction((before) => document.querySelector('#left').innerText !== before, { timeout: 5_000 }, first);
  await pay(charge);
  await shown(page, 'Paid');
  assert.match(await text(page, 'main'), /21,000 sats have arrived/);
  assert.deepEqual(wrong, []);
});

const shopUrl = (path) => `http://127.0.0.1:${shop.address().port}${path}`;

test('a paid page leads to the shop by itself', async (t) => {
  const success_url = shopUrl('/done?order=7');
  const charge = await make({ success_url });
  const { page } = await open(t, charge.checkout_url);
  await pay(charge);
  await shown(page, 'Paid');
  assert.equal(await page.$eval('a.button', (link) => link.href), success_url);
  assert.match(await text(page, '#soon'), /^Continuing in [345] s$/);
  await page.waitForFunction(() => document.body.innerText === 'thank you', { timeout: 10_000 });
  assert.equal(page.url(), success_url);
});

test('a payer who wants to keep the receipt stays', async (t) => {
  const charge = await make({ success_url: shopUrl('/done') });
  await pay(charge);
  const { page, wrong } = await open(t, charge.checkout_url);
  await page.click('#stay');
  assert.equal(await seen(page, '#soon'), false);
  assert.equal(await seen(page, '#print'), true);
  await new Promise((resolve) => setTimeout(resolve, 6_500));
  assert.equal(page.url(), charge.checkout_url);
  assert.match(await text(page, 'dl'), new RegExp(`For\\s+Two coffees & a <croissant>\\s+Date\\s+.*20\\d\\d.*\\s+Reference\\s+${charge.id}`));
  assert.deepEqual(wrong, []);
});

test('the page shows name and logo of the workspace, and survives a logo that does not load', async (t) => {
  await profile({ display_name: 'Corner Shop & Söhne', logo_url: 'https://logo.example/l.svg' });
  t.after(() => profile({ display_name: null, logo_url: null }));
  const charge = await make();
  for (const good of [true, false]) {
    const asked = [];
    const prepare = async (page) => {
      await page.setRequestInterception(true);
      page.on('request', (request) => {
        if (!request.url().startsWith('https://logo.example/')) return request.continue();
        asked.push(request.headers().referer);
        const body = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="20" fill="teal"/></svg>';
        return good ? request.respond({ contentType: 'image/svg+xml', body }) : request.abort();
      });
    };
    const { page } = await open(t, charge.checkout_url, prepare);
    assert.equal(await text(page, '.payee b'), 'Corner Shop & Söhne');
    await page.waitForFunction(() => document.querySelector('.payee img').complete);
    assert.deepEqual(asked.map((referer) => referer || 'none'), ['none'], 'the logo is loaded, without a referrer');
    assert.equal(await page.$eval('.payee img', (image) => image.naturalWidth > 0), good);
  }
});

test('an expired page gets a new invoice on request, or leads back to the shop', async (t) => {
  const renewable = await make({ renewable: true, cancel_url: shopUrl('/cart') });
  const { page, wrong } = await open(t, renewable.checkout_url);
  assert.equal(await page.$eval('a.soft', (link) => link.href), shopUrl('/cart'));
  await expire(renewable);
  await shown(page, 'Expired');
  await Promise.all([page.waitForNavigation(), page.click('button.first')]);
  await shown(page, '21,000');
  assert.notEqual(page.url(), renewable.checkout_url);
  assert.notEqual(await page.$eval('#invoice', (code) => code.textContent), renewable.bolt11);
  assert.deepEqual(wrong, []);
  const plain = await make({ cancel_url: shopUrl('/cart') });
  await expire(plain);
  await page.goto(plain.checkout_url);
  await Promise.all([page.waitForNavigation(), page.click('a.button')]);
  assert.equal(page.url(), shopUrl('/cart'));
});

test('the page speaks the browser\'s language, and its script too', async (t) => {
  const charge = await make();
  const { page, wrong } = await open(t, charge.checkout_url, (page) => page.setExtraHTTPHeaders({ 'accept-language': 'de-CH,de;q=0.9,en;q=0.5' }));
  assert.equal(await page.$eval('html', (element) => element.lang), 'de');
  assert.match(await text(page, 'h1'), /^21\.000\s+Sats$/);
  assert.match(await text(page, '#left'), /^Läuft ab in (10:00|9:5\d)$/);
  await pay(charge);
  await shown(page, 'Bezahlt');
  assert.match(await text(page, 'main'), /21\.000 Sats sind eingegangen/);
  assert.match(await text(page, 'time'), /^\d+\. \p{L}+ 20\d\d um \d\d:\d\d$/u);
  assert.deepEqual(wrong, []);
});

test('the button copies the invoice and shows it, or selects it where copying is not allowed', async (t) => {
  const charge = await make();
  const { page, wrong } = await open(t, charge.checkout_url, (_, context) => context.overridePermissions(host.url, ['clipboard-read', 'clipboard-write', 'clipboard-sanitized-write']));
  await page.bringToFront();
  await page.click('#copy');
  const shows = (...texts) => page.waitForFunction((wanted) => wanted.includes(document.querySelector('#copy').innerText), { timeout: 10_000 }, texts);
  await shows('Copied', 'Selected. Copy it from here.');
  assert.equal(await text(page, '#heard'), await text(page, '#copy'), 'it is announced to screen readers');
  if ((await text(page, '#copy')) === 'Copied') assert.equal(await page.evaluate(() => navigator.clipboard.readText()), charge.bolt11);
  await shows('Copy the invoice');
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.click('#copy');
  await page.waitForFunction(() => document.querySelector('#more').open);
  await shows('Selected. Copy it from here.');
  assert.equal(await page.evaluate(() => getSelection().toString()), charge.bolt11);
  assert.deepEqual(wrong, []);
});

test('named wallets open with the invoice', async (t) => {
  const charge = await make();
  const { page } = await open(t, charge.checkout_url);
  const links = await page.$$eval('.wallets a', (all) => all.map((link) => link.href));
  assert.ok(links.length >= 5);
  for (const link of links) assert.match(link, new RegExp(`^[a-z]+:${charge.lightning_uri}$`));
});

test('a wallet in the browser pays, and its refusal is shown', async (t) => {
  const charge = await make();
  const prepare = async (page) => {
    await page.exposeFunction('walletPays', async (bolt11) => {
      assert.equal(bolt11, charge.bolt11);
      await pay(charge);
    });
    await page.evaluateOnNewDocument(() => {
      let asked = 0;
      window.webln = {
        enable: async () => {},
        sendPayment: async (bolt11) => (asked++ === 0 ? Promise.reject(new Error('not today')) : window.walletPays(bolt11)),
      };
    });
  };
  const { page, wrong } = await open(t, charge.checkout_url, prepare);
  assert.equal(await seen(page, '#wallet'), true);
  await page.click('#wallet');
  await page.waitForFunction(() => document.querySelector('#said').innerText === 'The wallet did not pay: not today');
  await page.click('#wallet');
  await shown(page, 'Paid');
  assert.deepEqual(wrong, []);
});

test('without scripts: the invoice is readable, the sandbox pays, the result is shown', async (t) => {
  const charge = await make();
  const { page, wrong } = await open(t, charge.checkout_url, (page) => page.setJavaScriptEnabled(false));
  assert.match(await text(page, '#left'), /^Valid until 20\d\d-\d\d-\d\d \d\d:\d\d UTC$/);
  assert.equal(await seen(page, '#copy'), false);
  assert.equal(await text(page, 'noscript a'), 'Check for the payment');
  await page.click('#more summary');
  assert.equal(await text(page, '#invoice'), charge.bolt11);
  await Promise.all([page.waitForNavigation(), page.click('form button')]);
  assert.equal(await text(page, 'h1'), 'Paid');
  assert.equal(page.url(), charge.checkout_url);
  assert.deepEqual(wrong, []);
});

test('the QR code reads as the invoice', async (t) => {
  const charge = await make();
  const { page } = await open(t, charge.checkout_url);
  const svg = await (await fetch(`${charge.checkout_url}/qr.svg`)).text();
  const blank = await (await page.browserContext()).newPage();
  const { data, width } = await blank.evaluate(async (source) => {
    const image = new Image(600, 600);
    image.src = `data:image/svg+xml,${encodeURIComponent(source)}`;
    await image.decode();
    const canvas = new OffscreenCanvas(600, 600).getContext('2d');
    canvas.drawImage(image, 0, 0, 600, 600);
    return { data: [...canvas.getImageData(0, 0, 600, 600).data], width: 600 };
  }, svg);
  assert.equal(jsQR(Uint8ClampedArray.from(data), width, width)?.data, `LIGHTNING:${charge.bolt11.toUpperCase()}`);
});

test('a screen reader gets all the information', async (t) => {
  const charge = await make();
  const { page } = await open(t, charge.checkout_url);
  const names = [];
  const walk = (node) => {
    if (node.name) names.push(`${node.role}: ${node.name}`);
    node.children?.forEach(walk);
  };
  walk(await page.accessibility.snapshot());
  for (const wanted of [/^heading: 21,000 sats$/, /^link: Invoice of 21,000 sats$/, /^link: Open in a wallet$/, /^button: Copy the invoice$/, /^button: Pay from the sandbox$/]) {
    assert.ok(names.some((name) => wanted.test(name)), `${wanted} in ${names.join(', ')}`);
  }
  assert.equal(await page.$eval('#said', (element) => element.role ?? element.getAttribute('role')), 'status');
  assert.equal(await page.$eval('html', (element) => element.lang), 'en');
});

/// A page of every state: { name: address }.
async function everyState() {
  const [pending, paid, late, expired, renewable, canceled, tiny] = [
    await make({ cancel_url: shopUrl('/cart') }), await make(), await make(), await make({ description: 'x'.repeat(300) }),
    await make({ renewable: true, cancel_url: shopUrl('/cart') }), await make(), await make({ amount_sats: undefined, amount_msat: 1 }),
  ];
  const long = await make({ amount_sats: 2_099_999_999_999_999, description: 'Donaudampfschifffahrtsgesellschaft'.repeat(15) });
  await pay(paid);
  for (const each of [late, expired, renewable]) await expire(each);
  await pay(late, { late: true });
  await host.api('POST', `/v1/charges/${canceled.id}/cancel`);
  const underpaid = await make();
  await host.api('POST', '/v1/sandbox/faults', { faults: ['settles_short'] });
  await pay(underpaid);
  await host.api('POST', '/v1/sandbox/faults', { faults: [] });
  const charges = { pending, paid, underpaid, late, expired, renewable, canceled, long, tiny };
  const addresses = Object.entries(charges).map(([name, charge]) => [name, charge.checkout_url]);
  return Object.fromEntries([...addresses, ['missing', `${host.url}/pay/nothing`]]);
}

test('every state fits every window and has no violation for axe-core, in light and dark', async (t) => {
  const logo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="#0a6"/></svg>';
  const prepare = async (page) => {
    await page.setBypassCSP(true);  // for axe-core
    await page.setRequestInterception(true);
    page.on('request', (request) => (request.url().startsWith('https://logo.example/') ? request.respond({ contentType: 'image/svg+xml', body: logo }) : request.continue()));
  };
  const states = await everyState();
  const { page } = await open(t, states.pending, prepare);
  const sizes = { phone: [320, 640], desk: [1280, 800], wide: [1920, 1080] };
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await profile(scheme === 'light' ? { display_name: 'Corner Shop', logo_url: 'https://logo.example/l.svg' } : { display_name: null, logo_url: null });
    for (const [size, [width, height]] of Object.entries(sizes)) {
      await page.setViewport({ width, height });
      for (const [name, url] of Object.entries(states)) {
        await page.goto(url, { waitUntil: 'load' });
        await page.screenshot({ path: `${screenshots}/checkout-${name}-${size}-${scheme}.png`, fullPage: size === 'phone' });
        const over = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]);
        assert.ok(over[0] <= 0, `${name} is wider than ${width}`);
        if (size !== 'phone') assert.ok(over[1] <= 0, `${name} is ${over[1]} px higher than ${height}`);
        if (size === 'wide') continue;
        const { violations } = await page.evaluate(`${axe}; axe.run()`);
        assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`), [], `${name}, ${size}, ${scheme}`);
      }
    }
  }
});
