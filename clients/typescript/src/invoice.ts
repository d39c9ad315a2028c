// Reads from a BOLT 11 invoice what a payer must know before it pays: the amount, the hash and the expiry. The server's own words about
// them are not used. The node's signature is the wallet's to verify.

export interface Invoice {
  bolt11: string;
  /** undefined: the payer chooses. */
  amountMsat?: number;
  paymentHash: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const msat_per_unit: Record<string, bigint> = { '': 100_000_000_000n, m: 100_000_000n, u: 100_000n, n: 100n };

/** undefined: the text is no invoice. */
export function readInvoice(bolt11: string): Invoice | undefined {
  const text = bolt11.toLowerCase();
  const [, prefix, number, unit, coded] = /^(ln(?:bcrt|bc|tbs|tb)(?:([1-9]\d{0,17})([munp]?))?)1([02-9ac-hj-np-z]{118,7000})$/.exec(text) ?? [];
  if (!prefix || !coded || (text !== bolt11 && bolt11 !== bolt11.toUpperCase())) return undefined;
  const words = [...coded].map((char) => alphabet.indexOf(char));
  if (!hasGoodChecksum(prefix, words)) return undefined;
  const amountMsat = number && toMsat(BigInt(number), unit ?? '');
  if (number && amountMsat === undefined) return undefined;
  const data = words.slice(0, -110);  // without signature and checksum
  const [hash, expiry] = [field(data, 1), field(data, 6)];
  const bytes = hash?.length === 52 ? toBytes(hash) : undefined;
  if (!bytes) return undefined;
  const expiry_s = expiry ? toNumber(expiry) : 3_600;
  return {
    bolt11: text,
    ...(typeof amountMsat === 'number' && { amountMsat }),
    paymentHash: toHex(bytes),
    expiresAt: (toNumber(data.slice(0, 7)) + expiry_s) * 1_000,
  };
}

function toMsat(number: bigint, unit: string): number | undefined {
  const msat = unit === 'p' ? (number % 10n === 0n ? number / 10n : undefined) : number * msat_per_unit[unit]!;
  return msat !== undefined && msat <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(msat) : undefined;
}

/** The words of the first field of a type. */
function field(words: number[], type: number): number[] | undefined {
  for (let i = 7; i + 3 <= words.length; ) {
    const size = words[i + 1]! * 32 + words[i + 2]!;
    if (i + 3 + size > words.length) return undefined;
    if (words[i] === type) return words.slice(i + 3, i + 3 + size);
    i += 3 + size;
  }
  return undefined;
}

/** BIP 173. */
function hasGoodChecksum(prefix: string, words: number[]): boolean {
  const chars = [...prefix].map((char) => char.charCodeAt(0));
  let check = 1;
  for (const value of [...chars.map((c) => c >> 5), 0, ...chars.map((c) => c & 31), ...words]) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].forEach((each, i) => (check ^= (top >>> i) & 1 ? each : 0));
  }
  return check === 1;
}

const toNumber = (words: number[]): number => words.reduce((sum, word) => sum * 32 + word, 0);

/** The whole bytes of 5-bit words. */
function toBytes(words: number[]): Uint8Array {
  const out: number[] = [];
  let [held, bits] = [0, 0];
  for (const word of words) {
    held = ((held << 5) | word) & 0xfff;
    if ((bits += 5) >= 8) out.push((held >> (bits -= 8)) & 0xff);
  }
  return Uint8Array.from(out);
}

export const toHex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
