// Performs an effect on a JavaScript store, with JSON in and out. Versions are decimal strings in JSON.
import { Refused } from '../../host-adapters/js/keys.mjs';

export async function perform(store, op, asked) {
  if (op === 'commit') for (const check of asked.checks) check.version &&= BigInt(check.version);
  try {
    const answer = await store[op](op === 'get' ? asked.keys : asked);
    return JSON.stringify({ answer }, (_, value) => (typeof value === 'bigint' ? String(value) : value ?? null));
  } catch (error) {
    return JSON.stringify({ [error instanceof Refused ? 'failed' : 'broken']: error.message });
  }
}
