// A small decoder of BOLT11 invoices, independent of LNTPay's own: bech32 checksum, amount, tagged fields.
// It does not verify the node's signature, which a wallet does.
const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const msat_per_unit = { m: 100_000_000n, u: 100_000n, n: 100n };  // of a bitcoin: milli, micro, nano; pico is a tenth of a msat

/// BIP 173.
function polymod(values) {
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].forEach((each, i) => (check ^= (top >>> i) & 1 ? each : 0));
  }
  return check >>> 0;
}

const number = (words) => words.reduce((sum, word) => sum * 32 + word, 0);

function bytes(words) {
  const out = [];
  let held = 0, bits = 0;
  for (const word of words) {
    held = ((held << 5) | word) & 0xfff;
    bits += 5;
    if (bits >= 8) out.push((held >> (bits -= 8)) & 0xff);
  }
  return Buffer.from(out);
}

function amountMsat(text) {
  if (text === '') return undefined;
  const [, digits, unit] = /^([1-9]\d*)([munp]?)$/.exec(text) ?? [];
  if (!digits) throw new Error(`"${text}" is not an amount`);
  if (unit === 'p') return BigInt(digits) / 10n;
  return BigInt(digits) * (unit ? msat_per_unit[unit] : 100_000_000_000n);
}

/// { network, amount_msat, created_s, expiry_s, payment_hash, payment_secret, description }.
/// Throws an Error that names the problem.
export function decodeBolt11(invoice) {
  const at = invoice.lastIndexOf('1');
  const [, network, amount] = /^ln(bcrt|bc|tbs|tb)(\d*[munp]?)$/.exec(invoice.slice(0, at)) ?? [];
  if (!network) throw new Error('not an invoice: it does not begin with lnbc, lntb, lntbs or lnbcrt');
  const words = [...invoice.slice(at + 1)].map((char) => alphabet.indexOf(char));
  if (words.includes(-1)) throw new Error('a character is not in the bech32 alphabet');
  const prefix = [...invoice.slice(0, at)].map((char) => char.charCodeAt(0));
  const checked = [...prefix.map((c) => c >> 5), 0, ...prefix.map((c) => c & 31), ...words];
  if (polymod(checked) !== 1) throw new Error('the checksum is wrong');

  const signature_words = 104, checksum_words = 6;
  const data = words.slice(0, -checksum_words - signature_words);
  const read = { network, amount_msat: amountMsat(amount), created_s: number(data.slice(0, 7)), expiry_s: 3600 };
  for (let i = 7; i + 3 <= data.length; ) {
    const size = number(data.slice(i + 1, i + 3));
    const value = data.slice(i + 3, i + 3 + size);
    if (value.length < size) throw new Error('a field is truncated');
    const tag = alphabet[data[i]];
    if (tag === 'p' && size === 52) read.payment_hash = bytes(value).toString('hex');
    if (tag === 's' && size === 52) read.payment_secret = bytes(value).toString('hex');
    if (tag === 'd') read.description = bytes(value).toString();
    if (tag === 'x') read.expiry_s = number(value);
    i += 3 + size;
  }
  return read;
}
