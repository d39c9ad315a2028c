// Short names for what the API's document describes (openapi.ts, generated).
import type { paths } from './openapi.js';

export type Paths = keyof paths & string;
type Op<P extends Paths, M extends string> = M extends keyof paths[P] ? paths[P][M] : never;

/** The JSON body of a request. */
export type Body<P extends Paths, M extends string = 'post'> =
  Op<P, M> extends { requestBody?: infer R } ? (NonNullable<R> extends { content: { 'application/json': infer B } } ? B : never) : never;
/** The query of a request. */
export type QueryOf<P extends Paths, M extends string = 'get'> = Op<P, M> extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never;
type Success<R> = { [S in keyof R]: S extends 200 | 201 | 202 ? R[S] : never }[keyof R];
/** The JSON of a successful response. */
export type Answer<P extends Paths, M extends string = 'get'> =
  Op<P, M> extends { responses: infer R } ? (Success<R> extends { content: { 'application/json': infer J } } ? J : never) : never;
/** The items of a list. */
export type Item<P extends Paths> = Answer<P> extends { data: (infer T)[] } ? T : never;
