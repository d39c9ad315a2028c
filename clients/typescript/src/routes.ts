// Every route of the API by its pattern, typed from the document. The resources (resources.ts) are names for these.
import { Listing, type Next, type Page } from './pages.js';
import type { Asked, Query, RequestOptions, Transport } from './transport.js';
import type { Answer, Body, Item, Paths, QueryOf } from './types.js';

export class Routes {
  readonly api: Transport;
  constructor(api: Transport) {
    this.api = api;
  }

  get<P extends Paths>(pattern: P, ids: readonly string[] = [], query?: QueryOf<P>, options?: RequestOptions): Promise<Answer<P>> {
    return this.#send({ method: 'GET', query: query as Query }, pattern, ids, options);
  }

  post<P extends Paths>(pattern: P, ids: readonly string[] = [], body?: Body<P>, options?: RequestOptions, expects?: string): Promise<Answer<P, 'post'>> {
    return this.#send({ method: 'POST', body: (body ?? {}) as object, ...(expects && { expects }) }, pattern, ids, options);
  }

  patch<P extends Paths>(pattern: P, ids: readonly string[], body: Body<P, 'patch'>, options?: RequestOptions): Promise<Answer<P, 'patch'>> {
    return this.#send({ method: 'PATCH', body: body as object }, pattern, ids, options);
  }

  delete<P extends Paths>(pattern: P, ids: readonly string[], options?: RequestOptions): Promise<Answer<P, 'delete'>> {
    return this.#send({ method: 'DELETE' }, pattern, ids, options);
  }

  list<P extends Paths>(pattern: P, ids: readonly string[] = [], query?: QueryOf<P>, options?: RequestOptions, next?: Next<Answer<P>>): Listing<Item<P>, Answer<P> & Page<Item<P>>> {
    return new Listing<Item<P>, Answer<P> & Page<Item<P>>>(this.api, fill(pattern, ids), query as Query, options, next);
  }

  #send<T>(asked: Omit<Asked, 'path'>, pattern: string, ids: readonly string[], options?: RequestOptions): Promise<T> {
    const names_one = /\{(?!type)\w+\}$/.test(pattern) && asked.method !== 'DELETE';
    return this.api.send<T>({ ...asked, path: fill(pattern, ids), ...(names_one && { id: ids.at(-1)! }) }, options);
  }
}

/** `/v1/charges/{charge}` and `ch_1` -> `/v1/charges/ch_1`. An empty id would name the list. */
function fill(pattern: string, ids: readonly string[]): string {
  let used = 0;
  const path = pattern.replace(/\{\w+\}/g, (name) => {
    const id = ids[used++];
    if (typeof id !== 'string' || id === '' || id === '.' || id === '..') throw new TypeError(`${name} of ${pattern} is no id: ${String(id)}`);
    return encodeURIComponent(id);
  });
  if (used !== ids.length) throw new TypeError(`${pattern} takes ${used} ids`);
  return path;
}
