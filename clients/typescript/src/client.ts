// The client of LNTPay's API.
import * as management from './management.js';
import * as resources from './resources.js';
import { Routes } from './routes.js';
import { environment, Transport, type ClientOptions } from './transport.js';
import { verifyWebhook, type HeaderLines, type VerifyOptions } from './webhooks.js';

/**
 *     const lntpay = new LNTPay({ apiKey, baseUrl });
 *     const charge = await lntpay.charges.create({ amount_sats: 21, description: 'one report' });
 *     const { status } = await lntpay.charges.wait(charge.id);
 */
export class LNTPay {
  /** Every route by its pattern. */
  readonly routes: Routes;
  readonly charges: ReturnType<typeof resources.charges>;
  readonly payLinks: ReturnType<typeof resources.payLinks>;
  readonly withdrawals: ReturnType<typeof resources.withdrawals>;
  readonly bolt11: ReturnType<typeof resources.bolt11>;
  readonly balance: ReturnType<typeof resources.balance>;
  readonly ledger: ReturnType<typeof resources.ledger>;
  readonly events: ReturnType<typeof resources.events>;
  readonly gates: ReturnType<typeof management.gates>;
  readonly redemptions: ReturnType<typeof management.redemptions>;
  readonly webhookEndpoints: ReturnType<typeof management.webhookEndpoints>;
  readonly webhookDeliveries: ReturnType<typeof management.webhookDeliveries>;
  readonly apiKeys: ReturnType<typeof management.apiKeys>;
  readonly workspace: ReturnType<typeof management.workspace>;
  readonly requests: ReturnType<typeof management.requests>;
  readonly sandbox: ReturnType<typeof management.sandbox>;
  /** `verify(headers, body)`: the event of a webhook, with the client's `webhookSecret`. */
  readonly webhooks: { verify(headers: HeaderLines, body: string | Uint8Array | ArrayBuffer, options?: VerifyOptions): ReturnType<typeof verifyWebhook> };

  constructor(options: ClientOptions = {}) {
    const at = (this.routes = new Routes(new Transport(options)));
    this.charges = resources.charges(at);
    this.payLinks = resources.payLinks(at);
    this.withdrawals = resources.withdrawals(at);
    this.bolt11 = resources.bolt11(at);
    this.balance = resources.balance(at);
    this.ledger = resources.ledger(at);
    this.events = resources.events(at);
    this.gates = management.gates(at);
    this.redemptions = management.redemptions(at);
    this.webhookEndpoints = management.webhookEndpoints(at);
    this.webhookDeliveries = management.webhookDeliveries(at);
    this.apiKeys = management.apiKeys(at);
    this.workspace = management.workspace(at);
    this.requests = management.requests(at);
    this.sandbox = management.sandbox(at);
    const secret = options.webhookSecret ?? environment('LNTPAY_WEBHOOK_SECRET') ?? [];
    this.webhooks = { verify: (headers, body, how) => verifyWebhook(secret, headers, body, how) };
  }
}
