// `make demo` as a suite: each step is a passed or failed test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { root } from './lib.mjs';

const { LNTPAY_BASE_URL, LNTPAY_API_KEY, ...env } = process.env;  // starts its own sandbox, whatever runs here
const demo = spawn(process.execPath, [`${root}examples/pay-per-request/demo.mjs`], { env, stdio: ['ignore', 'pipe', 'inherit'] });
let said = '';
demo.stdout.setEncoding('utf8').on('data', (text) => {
  said += text;
  process.stdout.write(text);
});
const [code] = await once(demo, 'close');
const passed = (said.match(/^ *\d+\. ✓ /gm) ?? []).length;
const failed = code === 0 && passed > 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed;
