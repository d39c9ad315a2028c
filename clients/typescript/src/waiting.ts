// Long polling: waits until an object has reached its end.
import { APIError, ConnectionError } from './errors.js';
import { sleep, type RequestOptions, type Transport } from './transport.js';

export interface WaitOptions extends Omit<RequestOptions, 'idempotencyKey' | 'timeoutMs'> {
  /** How long to wait in all. Default: ten minutes. */
  timeoutMs?: number;
}

const poll_s_max = 25;
const pause_ms = 1_000;  // after a failed poll, or one that was answered at once

/**
 * The object as soon as `isOver`, or as it is when the time has passed or `signal` aborts: its status shows which. While the API cannot
 * be reached it goes on; it rejects only where the object was never read, or the API refuses.
 */
export async function waitFor<T>(
  api: Transport,
  { path, id, expects }: { path: string; id: string; expects: string },
  isOver: (object: T) => boolean,
  { timeoutMs = 600_000, ...options }: WaitOptions = {},
): Promise<T> {
  const until_ms = Date.now() + timeoutMs;
  let known: T | undefined;
  for (;;) {
    const began_ms = Date.now();
    const wait = Math.max(0, Math.min(poll_s_max, Math.floor((until_ms - began_ms) / 1_000)));
    let failure: unknown;
    try {
      known = await api.send<T>({ method: 'GET', path, query: { wait }, expects, id }, options);
      if (isOver(known)) return known;
    } catch (error) {
      if (!(error instanceof ConnectionError) && !(error instanceof APIError && error.status >= 500)) throw error;
      failure = error;
    }
    if (Date.now() >= until_ms || options.signal?.aborted) {
      if (known === undefined) throw failure;
      return known;
    }
    if (Date.now() - began_ms < pause_ms) await sleep(Math.min(pause_ms, until_ms - Date.now()), options.signal);
  }
}
