// Runs a wasm command module with Node's WASI: node run_wasi.mjs module.wasm [arguments]. Exits with the module's code. The folder
// of test data (LNTPAY_VECTORS, or ../shared/vectors) is all that the module can see, and only if it is there.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';

const [path, ...args] = process.argv.slice(2);
const vectors = process.env.LNTPAY_VECTORS ?? '../shared/vectors';
const sees = existsSync(vectors) ? { preopens: { '/vectors': vectors }, env: { LNTPAY_VECTORS: '/vectors' } } : { env: {} };
const wasi = new WASI({ version: 'preview1', args: [path, ...args], returnOnExit: true, ...sees });
const { instance } = await WebAssembly.instantiate(await readFile(path), wasi.getImportObject());
process.exitCode = wasi.start(instance);
