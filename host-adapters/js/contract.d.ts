// The contract of wit/edge.wit as JavaScript has it: its types are generated (engine.d.ts, by types.mjs), and beside them is what a
// driver is given.
import type * as generated from './engine.d.ts';
export type {
  Check, Commit, Effect, Entry, Header, Input, Moment, Op, Outcome, Outgoing, Range, Refusal, Reply, Request, Response, Step, Wait,
} from './engine.d.ts';
import type { Commit, Entry, Input, Outcome, Range } from './engine.d.ts';

/** What `configure` and `mayConnect` refuse they throw: a sentence, or an error that has it in `payload`. */
export type Engine = typeof generated;

/** `memory` is for tests. */
export type Instance = { engine: Engine; memory?: () => { buffer: ArrayBufferLike } | undefined };
/** A fresh one each time, for one that trapped. */
export type MakeInstance = () => Promise<Instance>;

/**
 * `commit` is all or nothing. What a method throws is answered `failed`; for `commit`, unless it is `Refused` (keys.mjs), `unknown`,
 * for it may have been written.
 */
export type Store = {
  get(keys: string[]): Promise<(Entry | undefined)[]> | (Entry | undefined)[];
  scan(range: Range): Promise<Entry[]> | Entry[];
  commit(commit: Commit): Promise<CommitOutcome> | CommitOutcome;
};
export type CommitOutcome = 'committed' | 'conflict';

/** What a session ended with; `lost`: it brought its instance down. */
export type Ended = Outcome & { lost?: boolean };

/** Sees to due work: is told what every session ended with, and begins `wake` and `task` when it is time. */
export type Scheduler = { start(): void | Promise<void>; stop(): void; take(outcome: Outcome): void };
export type MakeScheduler = (host: { run(input: Input): Promise<Ended>; shards(): Promise<string[]> }) => Scheduler;
