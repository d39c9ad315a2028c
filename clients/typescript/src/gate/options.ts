// The options of every middleware, and the gate that they name.
import { LNTPay } from '../client.js';
import { ComponentGate, type Component } from './component-gate.js';
import { answer_ms_max, type Gate } from './gate.js';
import { ServerGate, type Terms } from './server-gate.js';

interface Common {
  /** Default: a client with the environment's LNTPAY_API_KEY and LNTPAY_BASE_URL. */
  lntpay?: LNTPay;
  /** Receives what failed at LNTPay; the client gets 503. Default: console.error. */
  onError?: (error: unknown) => void;
  /** How long the handler may take to respond; then the client gets 504 and keeps the use. Default, and at most: 100,000. */
  answerMs?: number;
}

export type PaidOptions =
  /** A price and other terms. The gate is found by them, or created: scopes gates:verify, gates:read, gates:write. */
  | (Common & Terms & { gate?: undefined; component?: undefined })
  /** The id of a gate: scope gates:verify; with gates:read also redirects within its match are recognised. */
  | (Common & { gate: string; component?: undefined })
  /** A gate of the component in this process, or of a Worker's service binding. */
  | (Common & { gate: string; component: Component });

export interface Guard {
  gate: Gate;
  onError: (error: unknown) => void;
  answerMs: number;
}

export function guardOf(options: PaidOptions): Guard {
  const { lntpay, onError = (error: unknown) => console.error('LNTPay:', error), gate, component, answerMs: asked_ms = answer_ms_max, ...terms } = options;
  const answerMs = Math.min(asked_ms, answer_ms_max);
  if (component) return { gate: new ComponentGate(component, gate), onError, answerMs };
  const price = (terms as Terms).price;
  if (gate === undefined && !(Number.isSafeInteger(price) && price > 0)) throw new TypeError('paid() takes a price in whole satoshi, or the id of a gate.');
  // Made with the first request: on some platforms the environment is not there before.
  let made: ServerGate | undefined;
  const server = () => (made ??= new ServerGate(lntpay ?? new LNTPay(), gate ?? (terms as Terms)));
  return { gate: { check: async (visit) => server().check(visit) }, onError, answerMs };
}
