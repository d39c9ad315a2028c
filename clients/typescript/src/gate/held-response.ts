// Holds a response of node:http back until the use of its payment is recorded: the handler writes as always, and the first byte leaves
// after the commit.
import type { ServerResponse } from 'node:http';
import { delivers, not_in_time, not_recorded, responseHeaders, type Admission, type Refusal, type Served } from './gate.js';
import { send } from './node.js';

const held_names = ['writeHead', 'write', 'end', 'flushHeaders'] as const;
const header_names = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader'] as const;
type HeldName = (typeof held_names)[number];
type Call = { name: HeldName; args: unknown[] };
type Method = (...args: unknown[]) => unknown;

/** Until `settle` has ended, calls are kept and made afterwards; a use that could not be recorded makes the response a 503. */
export function holdResponse(response: ServerResponse, admission: Admission, answer_ms: number, onError: (error: unknown) => void): void {
  const methods = response as unknown as Record<HeldName | (typeof header_names)[number], Method>;
  const calls: Call[] = [];
  let state: 'waiting' | 'settling' | 'open' = 'waiting';

  const settle = async (served: Served | undefined, instead?: Refusal) => {
    state = 'settling';
    clearTimeout(timer);
    const recorded = await admission.settle(served).catch((error: unknown) => onError(error));
    state = 'open';
    restore();
    const other = instead ?? (!recorded && served && delivers(served) ? not_recorded : undefined);
    if (other) return replace(other);
    prepare(recorded ?? []);
    for (const { name, args } of calls) methods[name].apply(response, args);
    if (!response.writableNeedDrain) response.emit('drain');  // `write` returned false
  };

  const timer = setTimeout(() => void settle(undefined, not_in_time), answer_ms);
  timer.unref?.();

  /** The handler's headers, and those of a passed writeHead, with the gate's. */
  function prepare(recorded: [string, string][]): void {
    const [first] = calls;
    if (first?.name === 'writeHead') {
      calls.shift();
      const { status, reason, headers } = headOf(first.args);
      response.statusCode = status;
      if (reason !== undefined) response.statusMessage = reason;
      for (const [name, value] of headers) response.setHeader(name, value as string | string[]);
    }
    response.removeHeader('lntpay-price');
    const added = responseHeaders(admission, recorded, (name) => response.hasHeader(name), String(response.getHeader('cache-control') ?? ''));
    for (const [name, value] of added) {
      if (name === 'set-cookie') response.appendHeader(name, value);
      else response.setHeader(name, value);
    }
  }

  /** Another response than the handler's; what that still writes goes nowhere. */
  function replace(other: Refusal): void {
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    send(response, other);
    for (const name of [...held_names, ...header_names]) methods[name] = name === 'write' ? () => true : () => response;
  }

  const originals = Object.fromEntries(held_names.map((name) => [name, methods[name]])) as Record<HeldName, Method>;
  function restore(): void {
    Object.assign(methods, originals);
    delete (response as { headersSent?: boolean }).headersSent;
  }

  for (const name of held_names) {
    methods[name] = (...args: unknown[]) => {
      calls.push({ name, args });
      if (state === 'waiting') {
        Object.defineProperty(response, 'headersSent', { configurable: true, get: () => true });
        void settle(servedOf(response, calls[0]!));
      }
      return name === 'write' ? false : response;
    };
  }
}

function servedOf(response: ServerResponse, { name, args }: Call): Served {
  const head = name === 'writeHead' ? headOf(args) : { status: response.statusCode, headers: [] };
  const line = (wanted: string) => String(head.headers.find(([each]) => each.toLowerCase() === wanted)?.[1] ?? response.getHeader(wanted) ?? '');
  return { status: head.status, location: line('location'), price: line('lntpay-price') };
}

/** The arguments of writeHead: (status, reason?, headers?), where headers are an object, pairs, or names and values in turn. */
function headOf(args: unknown[]): { status: number; reason?: string; headers: [string, unknown][] } {
  const [status, second, third] = args;
  const given = (typeof second === 'string' ? third : second) ?? {};
  const flat = Array.isArray(given) && !Array.isArray(given[0]);
  const headers = !Array.isArray(given) ? Object.entries(given as object) : flat ? pairs(given) : (given as [string, unknown][]);
  return { status: Number(status), ...(typeof second === 'string' && { reason: second }), headers };
}

const pairs = (flat: unknown[]): [string, unknown][] =>
  flat.flatMap((name, i) => (i % 2 === 0 ? [[String(name), flat[i + 1]] as [string, unknown]] : []));
