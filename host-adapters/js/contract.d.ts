// wit/edge.wit as jco-transpile hands it to JavaScript: kebab-case becomes camelCase, variants { tag, val }, u64 bigint.
export type Header = [name: string, value: string];
export type Request = { method: string; target: string; headers: Header[]; body: string; client: string };
export type Response = { status: number; headers: Header[]; body: string };
export type Moment = { nowMs: bigint; entropy: [bigint, bigint, bigint, bigint] };
export type Refusal =
  | 'malformed' | 'not-utf8' | 'timed-out' | 'body-too-large' | 'target-too-long' | 'headers-too-large' | 'coding' | 'overloaded'
  | 'storage-down' | 'engine-lost';
export type Input =
  | { tag: 'http' | 'gate'; val: Request }
  | { tag: 'redeemed'; val: [redemption: string, served: boolean] }
  | { tag: 'refused'; val: Refusal }
  | { tag: 'wake' | 'task'; val: string }
  | { tag: 'node-events'; val: string[] }
  | { tag: 'node-stream-closed' };

export type Entry = { key: string; value: string; version: bigint };
export type Range = { prefix: string; after: string; limit: number; reverse: boolean };
export type Check = { key: string; version?: bigint };
export type Op = { tag: 'put'; val: [key: string, value: string] } | { tag: 'delete'; val: string };
export type Commit = { checks: Check[]; ops: Op[] };
export type Outgoing = {
  upstream: string; method: string; target: string; headers: Header[]; body: string;
  timeoutMs: number; lines: number; once: boolean; bodyLimit: number;
};
export type Wait = { seen: Check[]; untilMs: bigint };
export type Effect =
  | { tag: 'get'; val: string[] } | { tag: 'scan'; val: Range } | { tag: 'commit'; val: Commit }
  | { tag: 'fetch'; val: Outgoing } | { tag: 'wait'; val: Wait };
export type Reply =
  | { tag: 'entries'; val: (Entry | undefined)[] } | { tag: 'scanned'; val: Entry[] }
  | { tag: 'committed' | 'conflict' | 'woken' }
  | { tag: 'unknown' | 'failed' | 'not-sent' | 'no-answer'; val: string }
  | { tag: 'answered'; val: Response } | { tag: 'broken'; val: [Response, string] };
export type Outcome = {
  response?: Response; pass?: string; tasks: string[]; wake: [shard: string, ms: bigint][]; subscribe?: Outgoing; log: string[];
};
export type Step = { tag: 'done'; val: Outcome } | { tag: 'ask'; val: [session: bigint, effects: Effect[]] };

/** `configure` and `mayConnect` throw an error whose `payload` is the sentence. */
export type Engine = {
  configure(config: string): void;
  place(input: Input): string;
  mayConnect(url: string, addresses: string[]): void;
  begin(at: Moment, input: Input): Step;
  resume(session: bigint, at: Moment, replies: Reply[]): Step;
  abandon(session: bigint): void;
};

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

/** Sees to due work: is told what every session ended with, and begins `wake` and `task` when it is time. */
export type Scheduler = { start(): void; stop(): void; take(outcome: Outcome): void };
export type MakeScheduler = (host: { run(input: Input): Promise<Outcome & { lost?: boolean }>; shards(): Promise<string[]> }) => Scheduler;
