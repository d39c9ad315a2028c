// The order of keys, and the effects that every store rejects (host-adapters/stores/rules/store_limits.hpp).
import { commit_checks_max, commit_ops_max, get_keys_max, key_bytes_max, scan_limit_max, value_bytes_max } from './limits.mjs';

/** An effect outside the limits. Nothing was read or written. */
export class Refused extends Error {}

/** Rows that may be lost at any time. */
export const isVolatile = (key) => key.startsWith('~');
/** The shard of a key, or of the prefix of a scan. */
export const shardOf = (key) => (isVolatile(key) ? key.slice(1, 3) : key.slice(0, 2));
/** The time in the key of a due row, in ms; undefined: another row. @param {string} key */
export const dueTimeOf = (key) => {
  const found = /^..\/due\/[^/]+\/(\d{20})\//.exec(key);
  return found ? Number(found[1]) : undefined;
};

export const keyOf = ({ tag, val }) => (tag === 'put' ? val[0] : val);

/** Compares the UTF-8 bytes of two strings: the order of code points, so a surrogate sorts after every other UTF-16 unit. */
export function byteOrder(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; ++i) {
    const x = a.charCodeAt(i), y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}
const rank = (unit) => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);

/** The smallest string that is greater than every string with this prefix; undefined if there is none. */
export function prefixEnd(prefix) {
  const points = [...prefix];
  while (points.length > 0) {
    const last = points.pop().codePointAt(0);
    if (last < 0x10ffff) return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}

/**
 * The keys that a scan covers: from `first`, which is excluded if `is_open`, up to `end`, which is always excluded; `end` is undefined
 * where no key is too large. Empty when `end` is not after `first`.
 */
export function scanBounds({ prefix, after, reverse }) {
  const end = prefixEnd(prefix);
  const is_open = !reverse && after !== '' && byteOrder(after, prefix) >= 0;
  const ends_early = reverse && after !== '' && (end === undefined || byteOrder(after, end) < 0);
  return { first: is_open ? after : prefix, is_open, end: ends_early ? after : end };
}

/** Each throws Refused for an effect outside the limits. */
export const accept = {
  get(keys) {
    limit('keys in a get:', keys.length, get_keys_max);
    keys.forEach(acceptKey);
  },
  scan({ prefix, after, limit: rows }) {
    if (rows === 0) throw new Refused('the limit of a scan is 0');
    limit('rows in a scan:', rows, scan_limit_max);
    limit('bytes in a prefix:', bytesIn(prefix), key_bytes_max);
    limit('bytes in `after`:', bytesIn(after), key_bytes_max);
  },
  commit({ checks, ops }) {
    limit('checks in a commit:', checks.length, commit_checks_max);
    limit('operations in a commit:', ops.length, commit_ops_max);
    const keys = [...checks.map(({ key }) => key), ...ops.map(keyOf)];
    keys.forEach(acceptKey);
    for (const { tag, val } of ops) if (tag === 'put') limit('bytes in a value:', bytesIn(val[1]), value_bytes_max);
    const some = keys.filter(isVolatile).length;
    if (some !== 0 && some !== keys.length) throw new Refused('a commit has durable and volatile keys');
  },
};

function acceptKey(key) {
  if (key === '') throw new Refused('a key is empty');
  limit('bytes in a key:', bytesIn(key), key_bytes_max);
  if (key.includes('\0')) throw new Refused('a key contains U+0000');
}

function limit(what, is, max) {
  if (is > max) throw new Refused(`${what} ${is}, the limit is ${max}`);
}

function bytesIn(text) {
  let bytes = text.length;
  for (let i = 0; i < text.length; ++i) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) bytes += unit >= 0x800 && (unit < 0xd800 || unit >= 0xe000) ? 2 : 1;  // each half of a pair: 2 bytes of 4
  }
  return bytes;
}
