// The size of the component's cryptography, from the linker's map of its module: bytes of code and tables, and
// by how much the module's gzip shrinks without these bytes. Only linked code counts.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const crypto = /lib(lntpay_secp256k1|lntpay_mbedtls)\.a\(|liblntpay_core_crypto\.a\((secp256k1|sha256|seal|random)\.cpp\.obj\)/;

/// {raw, gzip, of: {libsecp256k1, mbedTLS, ours}} in bytes.
export function cryptoSize(tree) {
  const module = readFileSync(`${tree}/lntpay_component.wasm`);
  const parts = [];
  for (const line of readFileSync(`${tree}/lntpay_component.map`, 'utf8').split('\n')) {
    // Address, offset in the file, size, then a section of an object: "lib….a(….obj):(name)". Symbols inside it repeat it.
    const [, offset, size, name] = line.match(/^ *(?:-|[0-9a-f]+) +([0-9a-f]+) +([0-9a-f]+) +(\S+\.a\(.*\):\(.*\))$/) ?? [];
    if (!name || !crypto.test(name) || name.includes('(.bss')) continue;
    const owner = name.includes('lntpay_secp256k1') ? 'libsecp256k1' : name.includes('lntpay_mbedtls') ? 'mbedTLS' : 'ours';
    parts.push({ offset: parseInt(offset, 16), size: parseInt(size, 16), owner });
  }
  const kept = [];
  let at = 0;
  for (const { offset, size } of parts.sort((a, b) => a.offset - b.offset)) {
    kept.push(module.subarray(at, offset));
    at = offset + size;
  }
  kept.push(module.subarray(at));
  const gzip = (bytes) => gzipSync(bytes, { level: 9 }).length;
  const sum = (some) => some.reduce((total, part) => total + part.size, 0);
  return {
    raw: sum(parts),
    gzip: gzip(module) - gzip(Buffer.concat(kept)),
    of: Object.fromEntries(['libsecp256k1', 'mbedTLS', 'ours'].map((owner) => [owner, sum(parts.filter((part) => part.owner === owner))])),
  };
}
