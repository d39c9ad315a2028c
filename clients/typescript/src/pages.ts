// Lists: `await` gives one page, `for await` every item of every page.
import { UnexpectedResponseError } from './errors.js';
import type { Query, RequestOptions, Transport } from './transport.js';

export interface Page<T> {
  data: T[];
  has_more: boolean;
  next_cursor?: string | null;
}

/** The query of the page after this one; undefined: it was the last. */
export type Next<P> = (page: P) => Query | undefined;
const by_cursor: Next<Page<unknown>> = ({ has_more, next_cursor }) => (has_more && next_cursor ? { cursor: next_cursor } : undefined);

/** One page where it is awaited; all items, page by page, where it is iterated. Nothing is sent before either. */
export class Listing<T, P extends Page<T> = Page<T>> implements PromiseLike<P>, AsyncIterable<T> {
  readonly #read: (query: Query) => Promise<P>;
  readonly #query: Query;
  readonly #next: Next<P>;

  constructor(api: Transport, path: string, query: Query = {}, options: RequestOptions = {}, next: Next<P> = by_cursor) {
    this.#query = query;
    this.#next = next;
    this.#read = async (asked) => {
      const page = await api.send<P>({ method: 'GET', path, query: asked }, options);
      if (!Array.isArray(page.data)) throw new UnexpectedResponseError(200, 'no list');
      return page;
    };
  }

  then<A = P, B = never>(done?: ((page: P) => A | PromiseLike<A>) | null, failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return this.#read(this.#query).then(done, failed);
  }

  /** Every page, for callers that keep the place of the next one. */
  async *pages(): AsyncGenerator<P, void, undefined> {
    const seen = new Set<string>();
    for (let query = this.#query; ; ) {
      const page = await this.#read(query);
      yield page;
      const next = this.#next(page);
      if (!next) return;
      const place = JSON.stringify(next);
      if (seen.has(place)) throw new UnexpectedResponseError(200, 'the list returns to a page that it had');
      seen.add(place);
      query = { ...this.#query, ...next };
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.data;
  }

  /** The first `max` items. */
  async toArray(max = 10_000): Promise<T[]> {
    const items: T[] = [];
    if (max > 0) for await (const item of this) if (items.push(item) >= max) break;
    return items;
  }
}
