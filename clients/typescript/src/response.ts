// Reads responses without trust in who sent them: bounded, and with every type checked.

const body_bytes_max = 64 * 1024 * 1024;  // an export of the ledger; every other response is below a megabyte

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** undefined: the body is no JSON. */
  json?: unknown;
}

/** The whole body. Fails where it is cut off, too large, or no UTF-8; and when `signal` aborts, whatever the platform does then. */
export async function readBody(response: Response, signal: AbortSignal): Promise<Answer> {
  const answer: Answer = { status: response.status, headers: response.headers, text: '' };
  const reader = response.body?.getReader();
  if (!reader) return answer;
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener('abort', stop);
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let [size, text] = [0, ''];
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted) throw signal.reason;
      if (done) break;
      if ((size += value.length) > body_bytes_max) throw new Error('the response is too large');
      text += decoder.decode(value, { stream: true });
    }
    answer.text = text + decoder.decode();
  } catch (error) {
    stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  try {
    answer.json = JSON.parse(answer.text);
  } catch {}
  return answer;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, 2_000) : undefined);

/** The members of an error object; undefined: the body is none. */
export function readRefusal({ json }: Answer): { code: string; message: string; param?: string; details?: Record<string, unknown> } | undefined {
  const error = (json as { error?: Record<string, unknown> } | null | undefined)?.error;
  const [code, message, param] = [text(error?.code), text(error?.message), text(error?.param)];
  if (!error || code === undefined || message === undefined) return undefined;
  const details = error.details;
  return { code, message, ...(param !== undefined && { param }), ...(isObject(details) && { details }) };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The seconds of a Retry-After, which may be a date; undefined: none that can be read. */
export function readRetryAfter(line: string | null, now_ms = Date.now()): number | undefined {
  if (line === null) return undefined;
  if (/^\d{1,9}$/.test(line.trim())) return Number(line);
  const at_ms = Date.parse(line);
  return Number.isNaN(at_ms) ? undefined : Math.max(0, Math.ceil((at_ms - now_ms) / 1_000));
}
