// The first steps of a deployment, for scripts on Node: secrets, a workspace, files that are created once.
import { readFile, writeFile } from 'node:fs/promises';
import { newSecrets } from './config.mjs';

/** New secrets as JSON: the value of LNTPAY_SECRETS, and secrets.json of `lntpay serve`. */
export const newSecretsText = () => JSON.stringify({ version: 1, ...newSecrets() });

/**
 * Creates a workspace with the operator's token.
 * @param {string} url without /v1
 * @param {string} secrets from newSecretsText
 * @param {string} name
 * @returns {Promise<{ id: string, api_keys: { test: string, live: string } }>}
 */
export async function makeWorkspace(url, secrets, name) {
  const { operator_token } = JSON.parse(secrets);
  const answer = await fetch(`${url}/v1/admin/workspaces`, {
    method: 'POST',
    headers: { authorization: `Bearer ${operator_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(`${answer.status} ${text}`);
  return JSON.parse(text);
}

/**
 * The text of a file. A missing file is created with the text that `make` returns, readable by this user only.
 * @param {string} path
 * @param {() => string | Promise<string>} make
 */
export async function readOrMake(path, make) {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    const text = await make();
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
    return text;
  }
}
