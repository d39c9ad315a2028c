// Creates charges with the API of LNTPay.
import { randomUUID } from 'node:crypto';

/// The charge: its `id`, the invoice `bolt11`, `expires_at`. Throws an Error with the API's code and message.
export async function createCharge({ apiKey, baseUrl, amount_sats, description }) {
  const response = await fetch(`${baseUrl}/charges`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({ amount_sats, description }),
    signal: AbortSignal.timeout(10_000),
  });
  const charge = await response.json();
  if (!response.ok) throw new Error(`${response.status} ${charge.error?.code}: ${charge.error?.message}`);
  return charge;
}
