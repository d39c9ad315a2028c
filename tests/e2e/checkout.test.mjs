// The checkout page in a real browser: headless Chromium, with and without scripts, in light and dark, wide and narrow. Screenshots are
// left in build/screenshots for review.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
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

const make = async (more = {}) => (await host.api('POST', '/v1/charges', { amount_sats: 21_000, description: 'Two coffees & a <croissant>', ...more })).json;
const pay = (charge) => host.api('POST', `/v1/sandbox/charges/${charge.id}/pay`, {});

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

test('a paid page redirects to the shop', async (t) => {
  const success_url = `http://127.0.0.1:${shop.address().port}/done?order=7`;
  const charge = await make({ success_url });
  const { page } = await open(t, charge.checkout_url);
  await pay(charge);
  await shown(page, 'Paid');
  assert.equal(await page.$eval('a.button', (link) => link.href), success_url);
  await page.waitForFunction(() => document.body.innerText === 'thank you', { timeout: 10_000 });
});

test('the button copies the invoice, or selects it where copying is not allowed', async (t) => {
  const charge = await make();
  const { page, wrong } = await open(t, charge.checkout_url, (_, context) => context.overridePermissions(host.url, ['clipboard-read', 'clipboard-write', 'clipboard-sanitized-write']));
  await page.bringToFront();
  await page.click('#copy');
  await page.waitForFunction(() => ['Copied', 'Selected. Copy it from here.'].includes(document.querySelector('#said').innerText));
  if ((await text(page, '#said')) === 'Copied') assert.equal(await page.evaluate(() => navigator.clipboard.readText()), charge.bolt11);
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.click('#copy');
  await page.waitForFunction(() => document.querySelector('#more').open);
  assert.equal(await page.evaluate(() => getSelection().toString()), charge.bolt11);
  assert.deepEqual(wrong, []);
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
  assert.match(await text(page, '#left'), /^Expires at 20\d\d-\d\d-\d\d \d\d:\d\d UTC$/);
  assert.equal(await seen(page, '#copy'), false);
  await page.click('summary');
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

test('the page fits every window, in light and dark', async (t) => {
  const [pending, paid, expired] = [await make(), await make(), await make({ description: 'x'.repeat(300) })];
  await pay(paid);
  await host.api('POST', `/v1/sandbox/charges/${expired.id}/expire`);
  const { page } = await open(t, pending.checkout_url);
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    for (const [size, width] of [['narrow', 320], ['wide', 1200]]) {
      await page.setViewport({ width, height: 900 });
      for (const [name, charge] of Object.entries({ pending, paid, expired, missing: { checkout_url: `${host.url}/pay/nothing` } })) {
        await page.goto(charge.checkout_url, { waitUntil: 'domcontentloaded' });
        await page.screenshot({ path: `${screenshots}/checkout-${name}-${size}-${scheme}.png` });
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than ${width}`);
      }
    }
  }
});
