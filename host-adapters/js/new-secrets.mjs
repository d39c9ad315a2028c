// New secrets for a deployment, once, on standard output. Whoever loses them loses every API key and every sealed secret; the same
// file that `lntpay serve` keeps (secrets.json) serves as well.
import { newSecretsText } from './bootstrap.mjs';

console.log(newSecretsText());
