// The challenges of a 402, and the credentials that answer them: L402 (LSAT), and the Payment scheme with the method lightning.
import { readInvoice, type Invoice } from './invoice.js';

/** One offer of a 402, as its header has it. */
export interface Offer {
  scheme: 'L402' | 'Payment';
  parameters: Record<string, string>;
  invoice: Invoice;
}

const line_chars_max = 32_768;

/** Every offer that can be paid, in the order of the header. */
export function readOffers(wwwAuthenticate: string | null): Offer[] {
  const offers: Offer[] = [];
  for (const { scheme, parameters } of readChallenges((wwwAuthenticate ?? '').slice(0, line_chars_max))) {
    const is_l402 = /^(l402|lsat)$/i.test(scheme) && (parameters.token ?? parameters.macaroon);
    const is_payment = /^payment$/i.test(scheme) && parameters.method === 'lightning' && parameters.intent === 'charge';
    const bolt11 = is_l402 ? parameters.invoice : is_payment ? invoiceOf(parameters.request) : undefined;
    const invoice = bolt11 && readInvoice(bolt11);
    if (invoice) offers.push({ scheme: is_l402 ? 'L402' : 'Payment', parameters, invoice });
  }
  return offers;
}

/** The value of Authorization for a paid offer. */
export function credentialOf({ scheme, parameters }: Offer, preimage: string): string {
  if (scheme === 'L402') return `L402 ${parameters.token ?? parameters.macaroon}:${preimage}`;
  return `Payment ${toBase64Url(JSON.stringify({ challenge: parameters, payload: { preimage } }))}`;
}

/** Schemes and parameters of one header line, or of several that were joined by commas. */
function readChallenges(line: string): { scheme: string; parameters: Record<string, string> }[] {
  const found: { scheme: string; parameters: Record<string, string> }[] = [];
  const token = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))|([\w-]+)(?=\s+[\w-]+\s*=)/g;
  for (const [, name, quoted, plain, scheme] of line.matchAll(token)) {
    if (scheme) found.push({ scheme, parameters: Object.create(null) as Record<string, string> });
    else if (name && found.length > 0) found.at(-1)!.parameters[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
  }
  return found;
}

/** The invoice in the `request` of the Payment scheme. */
function invoiceOf(request: string | undefined): string | undefined {
  try {
    const bytes = Uint8Array.from(atob((request ?? '').replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
    const { methodDetails } = JSON.parse(new TextDecoder().decode(bytes)) as { methodDetails?: { invoice?: unknown } };
    return typeof methodDetails?.invoice === 'string' ? methodDetails.invoice : undefined;
  } catch {
    return undefined;
  }
}

const toBase64Url = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
