// The sandbox of one browser: the engine, its rows in IndexedDB, and one workspace. It runs in the service worker, which passes it the
// requests of its scope.
import { configOf, newSecrets } from '../js/config.mjs';
import { Driver } from '../js/driver.mjs';
import { makeFetch } from '../js/fetching.mjs';
import { guard } from '../js/gating.mjs';
import { answer } from '../js/http.mjs';
import { VolatileStore } from '../js/volatile-store.mjs';
import { IndexedStore } from './indexed-store.mjs';
import { Settings } from './browser-settings.mjs';

const ours = /^\/(v1|pay|gate|readyz|reports|\.well-known\/lnurlp)([/?]|$)/;
const webhook_url = 'https://shop.example/webhooks/lntpay';
const webhooks_kept = 30;
const report_price_sats = 5;
const limits = { rate_quota: 100_000, challenges_per_client: 1_000 };

export class Sandbox {
  #base;  // the scope's path, without a trailing slash
  #settings;
  #rows;
  #driver;
  #workspace;
  #notify;
  /**
   * @param {object} options
   * @param {string} options.scope the service worker's, a URL
   * @param {() => Promise<{ engine: import('../js/contract.d.ts').Engine }>} options.makeInstance
   * @param {() => void} options.lost called when the browser deleted the rows ("clear data"): open another sandbox
   * @param {(message: object) => void} options.notify sends open pages a delivered webhook or a log line
   */
  static async open({ scope, makeInstance, notify, lost }) {
    const sandbox = new Sandbox();
    const base_url = scope.replace(/\/$/, '');
    sandbox.#base = new URL(scope).pathname.replace(/\/$/, '');
    sandbox.#settings = new Settings(`lntpay${sandbox.#base}/settings`);
    sandbox.#rows = new IndexedStore(`lntpay${sandbox.#base}/rows`, () => {
      sandbox.#driver.stop();
      lost();
    });
    sandbox.#notify = notify;
    const secrets = await sandbox.#getOrCreate('secrets', newSecrets);
    sandbox.#driver = new Driver({
      makeInstance,
      config: await configOf({ secrets, base_url, limits, egress: { mode: 'platform' } }),
      store: new VolatileStore(sandbox.#rows),
      fetch: makeFetch({ fetch: (url, request) => sandbox.#deliver(url, request) }),
      log: (line) => notify({ log: line }),
    });
    await sandbox.#driver.start();
    sandbox.#workspace = await sandbox.#getOrCreate('workspace', () => sandbox.#makeWorkspace(base_url, secrets.operator_token));
    return sandbox;
  }

  /** Whether the URL is of the sandbox, and not of a file. */
  static serves(url, scope) {
    const path = `/${url.slice(scope.length)}`;
    return path === '/sandbox.json' || ours.test(path);
  }

  /** @param {Request} request whose URL the sandbox serves */
  async handle(request) {
    const path = new URL(request.url).pathname.slice(this.#base.length);
    if (path === '/sandbox.json') return this.#about();
    return withJoinedHeaders(await (path.startsWith('/reports/') ? this.#report(request) : this.#api(request)));
  }

  /** Deletes every row; the next sandbox creates another workspace. Open sessions end without a response. */
  async reset() {
    this.#driver.stop();
    await this.#rows.close();
    for (const name of ['workspace', 'webhooks']) await this.#settings.set(name, undefined);
    const rows = new IndexedStore(`lntpay${this.#base}/rows`);
    await rows.clear();
    await rows.close();
  }

  #api(request) {
    return answer(this.#driver, request, { base: this.#base, client: '127.0.0.1' });
  }

  async #about() {
    return Response.json({ ...this.#workspace, webhooks: (await this.#settings.get('webhooks')) ?? [] });
  }

  /** A page behind a gate, for the demo. */
  #report(request) {
    const gates = { gate: (asked) => this.#driver.run({ tag: 'gate', val: asked }), redeemed: (answered) => this.#driver.run({ tag: 'redeemed', val: answered }) };
    const serve = () => Response.json({ said: 'The tide is high at 14:07.' });
    return guard(request, { gates, gate: this.#workspace.gate, serve, client: '127.0.0.1', base: this.#base });
  }

  /** Shows a webhook in the open pages instead of sending it, and returns 200. */
  async #deliver(url, { headers, body }) {
    const webhook = { at: Date.now(), url: String(url), headers: Object.fromEntries(headers), body };
    await this.#settings.change('webhooks', (before = []) => [webhook, ...before].slice(0, webhooks_kept));
    this.#notify({ webhook });
    return new Response('ok');
  }

  async #makeWorkspace(base_url, operator_token) {
    const post = async (path, token, body) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const request = new Request(base_url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      const made = await this.#api(request);
      const text = await made.text();
      if (!made.ok) throw new Error(`${path}: ${made.status} ${text}`);
      return JSON.parse(text);
    };
    const { id, api_keys } = await post('/v1/admin/workspaces', operator_token, { name: 'this browser' });
    const key = api_keys.test;
    const endpoint = await post('/v1/webhook_endpoints', key, { url: webhook_url });
    const gate = await post('/v1/gates', key, { name: 'a report', price_sats: report_price_sats, match: { method: 'GET', path: '/reports/*' } });
    return { base_url: `${base_url}/v1`, workspace: id, key, webhook_secret: endpoint.secret, gate: gate.id };
  }

  async #getOrCreate(name, make) {
    const known = await this.#settings.get(name);
    if (known !== undefined) return known;
    const made = await make();
    await this.#settings.set(name, made);
    return made;
  }
}

/** Joins header lines of one name: of the two WWW-Authenticate lines, Chromium shows a page only the first. */
const withJoinedHeaders = (response) => new Response(response.body, { status: response.status, headers: Object.fromEntries(response.headers) });
