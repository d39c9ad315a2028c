// The gate of a component in this process, or of a Worker's service binding to LNTPay: `gate` and `redeemed` of its contract (wit/edge.wit).
import type { Admission, Gate, Refusal, Served, Visit } from './gate.js';
import { isOurs } from './gate.js';

type Header = [string, string];
interface Outcome {
  response?: { status: number; headers: Header[]; body: string } | undefined;
  pass?: { redemption: string; remove: string[]; add: Header[]; respond: Header[]; cors: Header[] } | undefined;
}

/** What a driver of lntpay-js, or the entrypoint `Gates` of LNTPay's Worker, offers. */
export interface Component {
  gate(asked: { method: string; target: string; headers: Header[]; body: string; client: string }): Promise<Outcome>;
  redeemed(answered: { redemption: string; status: number; location: string; price: string }): Promise<Outcome>;
}

export class ComponentGate implements Gate {
  readonly #component: Component;
  readonly #gate: string;

  constructor(component: Component, gate: string) {
    this.#component = component;
    this.#gate = gate;
  }

  async check(visit: Visit): Promise<Refusal | Admission> {
    const { method, target, host, protocol, client = '', size } = visit;
    const seen = visit.headers.filter(([name]) => !isOurs(name) && !['x-forwarded-proto', 'host'].includes(name.toLowerCase()));
    const own: Header[] = [['host', host], ['lntpay-gate', this.#gate], ['x-forwarded-proto', protocol]];
    if (size !== undefined) own.push(['lntpay-body-size', String(size)]);
    const { response, pass } = await this.#component.gate({ method, target, headers: [...seen, ...own], body: '', client });
    if (!pass) {
      if (!response) throw new Error('The gate returned no response.');
      return { allowed: false, ...response };
    }
    const { redemption, remove, add, respond, cors } = pass;
    const ours = visit.headers.map(([name]) => name).filter(isOurs);
    return {
      allowed: true,
      remove: [...remove, ...ours].map((name) => name.toLowerCase()),
      add,
      cors,
      settle: (served) => this.#settle(redemption, respond, served),
    };
  }

  async #settle(redemption: string, respond: Header[], served?: Served): Promise<Header[] | undefined> {
    if (redemption === '') return respond;
    const { status = 0, location, price } = served ?? {};
    const answered = { redemption, status, location: location ?? '', price: price ?? '' };
    const { response } = await this.#component.redeemed(answered).catch((): Outcome => ({}));
    return response?.status === 204 ? [...respond, ...response.headers] : undefined;
  }
}
