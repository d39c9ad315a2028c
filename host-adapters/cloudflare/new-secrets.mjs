// New secrets for a deployment, once, on standard output. Whoever loses them loses every API key and every sealed secret; the same
// file that `lntpay serve` keeps (secrets.json) serves as well.
import { randomBytes } from 'node:crypto';

const secret = () => randomBytes(32).toString('hex');
const operator_token = `lnt_operator_${randomBytes(24).toString('base64url')}`;
console.log(JSON.stringify({ version: 1, pepper: secret(), seal: secret(), cursor_key: secret(), gate_key: secret(), operator_token }));
