// The gate for handlers of WHATWG requests: fetch handlers, Next route handlers, Hono.
import { checked, delivers, isOurs, not_in_time, not_recorded, responseHeaders, type Admission, type Refusal, type Visit } from './gate.js';
import type { Guard } from './options.js';

type Serve = (request: Request) => Response | Promise<Response>;

/** The response to a request: the gate's, or that of `serve` once its use is recorded. Rejects with the error of `serve`. */
export async function guardRequest({ gate, onError, answerMs }: Guard, request: Request, serve: Serve, client?: string): Promise<Response> {
  const admission = await checked(gate, visitOf(request, client), onError);
  if (!admission.allowed) return refused(admission);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), answerMs);
  });
  try {
    const response = await Promise.race([(async () => serve(forHandler(request, admission)))(), late]);
    if (!response) {
      await admission.settle(undefined);
      return refused(not_in_time);
    }
    const { status, headers } = response;
    const served = { status, location: headers.get('location'), price: headers.get('lntpay-price') };
    const recorded = await admission.settle(served);
    if (!recorded && delivers(served)) {
      await response.body?.cancel().catch(() => {});
      return refused(not_recorded);
    }
    return withHeaders(response, admission, recorded ?? []);
  } catch (error) {
    await admission.settle(undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function visitOf(request: Request, client?: string): Visit {
  const { pathname, search, host, protocol } = new URL(request.url);
  const length = request.body ? request.headers.get('content-length') : '0';
  return {
    method: request.method,
    target: pathname + search,
    host,
    protocol: protocol === 'https:' ? 'https' : 'http',
    headers: [...request.headers],
    ...(client && { client }),
    ...(length !== null && { size: Number(length) }),
  };
}

/** The request without its credential, of the class that the framework made it. */
function forHandler(request: Request, { remove, add }: Admission): Request {
  const headers = [...[...request.headers].filter(([name]) => !remove.includes(name) && !isOurs(name)), ...add];
  const Class = request.constructor as typeof Request;
  try {
    return new Class(request, { headers });
  } catch {  // some frameworks pass a proxy of a request, which is no request to the constructor
    const { url, method, body, signal } = request;
    return new Class(url, { method, headers, signal, ...(body && { body, duplex: 'half' }) } as RequestInit);
  }
}

function withHeaders(response: Response, admission: Admission, recorded: [string, string][]): Response {
  const out = new Response(response.body, response);
  out.headers.delete('lntpay-price');
  const added = responseHeaders(admission, recorded, (name) => out.headers.has(name), out.headers.get('cache-control') ?? '');
  for (const [name, value] of added) {
    if (name === 'set-cookie') out.headers.append(name, value);
    else out.headers.set(name, value);
  }
  return out;
}

function refused({ status, headers, body }: Refusal): Response {
  const lines = new Headers();
  for (const [name, value] of headers) lines.append(name, value);
  return new Response(body || null, { status, headers: lines });
}
