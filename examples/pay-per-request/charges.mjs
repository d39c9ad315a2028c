// Creates charges with the API of LNTPay.
import { randomUUID } from 'node:crypto';

/// The answer to a POST with a fresh Idempotency-Key. Throws an Error with the API's code and message.
export async function post({ apiKey, baseUrl, path, body }) {
  const response = await fetch(`${baseUrl}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${response.status} ${answer.error?.code}: ${answer.error?.message}`);
  return answer;
}

/// `fields`: amount_sats, description, success_url and others of POST /v1/charges. The charge: its `id`, `checkout_url`, the invoice
/// `bolt11`, `expires_at`.
export const createCharge = ({ apiKey, baseUrl, ...fields }) => post({ apiKey, baseUrl, path: 'charges', body: fields });
