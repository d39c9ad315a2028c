// The paywall with the npm package @lntpay/sdk, which creates its charges and verifies its webhooks.
import { LNTPay } from '@lntpay/sdk';
import { createPage } from './server.mjs';

export function createPaywall({ apiKey, webhookSecret, baseUrl }) {
  const lntpay = new LNTPay({ apiKey, webhookSecret, baseUrl });
  return createPage({
    createCharge: (charge) => lntpay.charges.create(charge),
    readEvent: (headers, body) => lntpay.webhooks.verify(headers, body),
  });
}
