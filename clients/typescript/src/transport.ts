// Sends requests to the API: a time limit over the whole exchange, and retries that repeat a write only under its own Idempotency-Key.
import { APIError, ConnectionError, TimeoutError, UnexpectedResponseError } from './errors.js';
import { api_version } from './openapi.js';
import { readBody, readRefusal, readRetryAfter, type Answer } from './response.js';

export interface ClientOptions {
  /** Default: the environment's LNTPAY_API_KEY. */
  apiKey?: string;
  /** With or without `/v1`. Default: the environment's LNTPAY_BASE_URL; for test keys, the sandbox on this machine. */
  baseUrl?: string;
  /** Default for `webhooks.verify`: the environment's LNTPAY_WEBHOOK_SECRET; during a rotation both. */
  webhookSecret?: string | string[];
  /** For each attempt, body included. Default: 30,000. */
  timeoutMs?: number;
  /** How often a failed request is retried. Default: 3. */
  retries?: number;
  /** The delay before the first retry; it doubles with each one. Default: 500. */
  backoffMs?: number;
  /** Default: the platform's. */
  fetch?: typeof globalThis.fetch;
}

export interface RequestOptions {
  /** Of a write: default: a new one for each call, kept by its retries. */
  idempotencyKey?: string;
  signal?: AbortSignal;
  timeoutMs?: number;
  retries?: number;
}

export type Query = Record<string, string | number | boolean | string[] | undefined>;
export interface Asked {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Query | undefined;
  body?: object | undefined;
  /** The `object` of the response. */
  expects?: string;
  /** The `id` of the response. */
  id?: string;
  /** A text, such as an export, in place of JSON. */
  text?: boolean;
}

const backoff_ms_max = 8_000;
const retry_after_s_max = 60;
const local_sandbox = 'http://127.0.0.1:8402/v1';
const retried_statuses = new Set([408, 429, 500, 502, 503, 504]);

/** A variable of the environment, where there is one. */
export const environment = (name: string): string | undefined => {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
};

export class Transport {
  readonly baseUrl: string;
  readonly #key: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #limits: { timeoutMs: number; retries: number; backoffMs: number };

  constructor(options: ClientOptions) {
    const key = options.apiKey ?? environment('LNTPAY_API_KEY');
    if (!key) throw new TypeError('An API key is missing: pass apiKey, or set LNTPAY_API_KEY.');
    if (!/^[\x21-\x7e]+$/.test(key)) throw new TypeError('The API key has characters that no key has.');
    const url = options.baseUrl ?? environment('LNTPAY_BASE_URL') ?? (key.startsWith('lnt_test_') ? local_sandbox : undefined);
    if (!url) throw new TypeError('The base URL is missing: pass baseUrl, or set LNTPAY_BASE_URL.');
    this.baseUrl = new URL(url).href.replace(/\/+$/, '').replace(/\/v1$/, '');
    this.#key = key;
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#limits = { timeoutMs: options.timeoutMs ?? 30_000, retries: options.retries ?? 3, backoffMs: options.backoffMs ?? 500 };
  }

  /** The JSON object of a 2xx response. */
  async send<T>(asked: Asked, options: RequestOptions = {}): Promise<T> {
    const idempotencyKey = asked.method === 'POST' ? (options.idempotencyKey ?? crypto.randomUUID()) : undefined;
    const retries = options.retries ?? this.#limits.retries;
    for (let attempt = 0; ; attempt += 1) {
      const failed = await this.#attempt<T>(asked, options, idempotencyKey).catch((error: unknown) => error as Error);
      if (!(failed instanceof Error)) return failed.value;
      const delay_ms = this.#delayAfter(failed, attempt);
      if (attempt >= retries || delay_ms === undefined || options.signal?.aborted) throw failed;
      await sleep(delay_ms, options.signal);
    }
  }

  /** One attempt; `value` is wrapped so that it cannot be mistaken for an error. */
  async #attempt<T>(asked: Asked, options: RequestOptions, idempotencyKey?: string): Promise<{ value: T }> {
    const wait_s = Number(asked.query?.wait ?? 0);
    const limit = new AbortController();
    const stop = () => limit.abort();
    const timer = setTimeout(stop, (options.timeoutMs ?? this.#limits.timeoutMs) + wait_s * 1_000);
    options.signal?.addEventListener('abort', stop);
    try {
      if (options.signal?.aborted) throw options.signal.reason;
      const response = await this.#fetch(this.#url(asked), this.#init(asked, idempotencyKey, limit.signal));
      const answer = await readBody(response, limit.signal);
      return { value: accept<T>(asked, answer, idempotencyKey) };
    } catch (error) {
      if (error instanceof APIError || error instanceof ConnectionError) throw error;
      const why = { idempotencyKey, cause: error };
      if (options.signal?.aborted) throw new ConnectionError('The request was aborted.', why);
      if (limit.signal.aborted) throw new TimeoutError('No complete response within the time limit.', why);
      throw new ConnectionError(`No response: ${error instanceof Error ? error.message : String(error)}`, why);
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', stop);
    }
  }

  #url({ path, query }: Asked): string {
    const parameters = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(parameters.map(([name, value]) => [name, String(value)])).toString();
    return `${this.baseUrl}${path}${search && `?${search}`}`;
  }

  #init({ method, body, text }: Asked, idempotencyKey: string | undefined, signal: AbortSignal): RequestInit {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#key}`, accept: text ? '*/*' : 'application/json', 'lntpay-version': api_version };
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
    if (body !== undefined) headers['content-type'] = 'application/json';
    // The API never redirects. A redirect of something in between must not get the key.
    return { method, headers, redirect: 'manual', signal, ...(body !== undefined && { body: JSON.stringify(body) }) };
  }

  /** The delay before a retry; undefined: a retry cannot help. */
  #delayAfter(error: Error, attempt: number): number | undefined {
    const backoff = Math.min(this.#limits.backoffMs * 2 ** attempt, backoff_ms_max) * (0.75 + Math.random() / 2);
    if (error instanceof APIError) {
      const passing = retried_statuses.has(error.status) || error.code === 'idempotency_in_progress';
      const asked_s = error.retryAfterSeconds ?? 0;
      return passing && asked_s <= retry_after_s_max ? Math.max(backoff, asked_s * 1_000) : undefined;
    }
    if (error instanceof UnexpectedResponseError) return error.status < 300 || error.status >= 500 ? backoff : undefined;
    return error instanceof ConnectionError ? backoff : undefined;
  }
}

/** Checks that the response is one to this request, and returns its value. */
function accept<T>(asked: Asked, answer: Answer, idempotencyKey?: string): T {
  const { status, headers } = answer;
  const unexpected = (problem: string) => new UnexpectedResponseError(status, problem, idempotencyKey);
  const requestId = headers.get('request-id') ?? undefined;
  if (status >= 400) {
    const refusal = readRefusal(answer);
    if (!refusal) throw unexpected('no error object');
    const [retryAfterSeconds, key] = [readRetryAfter(headers.get('retry-after')), idempotencyKey];
    throw APIError.of({ status, ...refusal, ...(requestId && { requestId }), ...(retryAfterSeconds !== undefined && { retryAfterSeconds }), ...(key && { idempotencyKey: key }) });
  }
  if (status < 200 || status >= 300) throw unexpected('a redirect');
  if (asked.text) return answer.text as T;
  const json = answer.json as Record<string, unknown> | null | undefined;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw unexpected('no JSON object');
  if (asked.expects !== undefined && json.object !== asked.expects) throw unexpected(`no ${asked.expects}`);
  if (asked.id !== undefined && json.id !== asked.id) throw unexpected('another object');
  return json as T;
}

/** Ends early, without an error, when the signal aborts: the next attempt reports that. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
    if (signal?.aborted) done();
  });
}
