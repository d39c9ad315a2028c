// Requests and responses of node:http, for Express and Fastify.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isOurs, type Admission, type Refusal, type Visit } from './gate.js';

export function visitOf(request: IncomingMessage, client?: string): Visit {
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) headers.push([request.rawHeaders[i]!, request.rawHeaders[i + 1]!]);
  const { 'content-length': length, 'transfer-encoding': coding, host } = request.headers;
  const size = length !== undefined ? Number(length) : coding === undefined ? 0 : undefined;
  return {
    method: request.method ?? 'GET',
    target: (request as { originalUrl?: string }).originalUrl ?? request.url ?? '/',
    host: host ?? 'localhost',
    protocol: (request.socket as { encrypted?: boolean }).encrypted ? 'https' : 'http',
    headers,
    ...(client && { client }),
    ...(size !== undefined && { size }),
  };
}

/** Takes the credential from the request, and names the redemption in its headers. */
export function forHandler({ headers }: IncomingMessage, { remove, add }: Admission): void {
  for (const name of Object.keys(headers)) if (remove.includes(name) || isOurs(name)) delete headers[name];
  for (const [name, value] of add) headers[name.toLowerCase()] = value;
}

export function send(response: ServerResponse, refusal: Refusal): void {
  response.statusCode = refusal.status;
  for (const [name, value] of linesOf(refusal)) response.setHeader(name, value);
  response.end(refusal.body);
}

/** The headers by name; a list where a name has several lines. */
export function linesOf({ headers }: Refusal): Map<string, string | string[]> {
  const lines = new Map<string, string | string[]>();
  for (const [name, value] of headers) lines.set(name, lines.has(name) ? [lines.get(name)!, value].flat() : value);
  return lines;
}
