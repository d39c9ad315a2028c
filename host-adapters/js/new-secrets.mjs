// Prints new secrets for a deployment. Without them every API key and every sealed secret is lost. secrets.json of `lntpay serve`
// has the same format.
import { newSecretsText } from './bootstrap.mjs';

console.log(newSecretsText());
