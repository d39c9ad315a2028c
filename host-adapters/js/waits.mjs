// Sessions that wait: for a row to change, or for a time.

const timer_ms_max = 0x7fffffff;

/** Calls back at a Unix time, however far away; returns a function that cancels it. */
export function at(unix_ms, callback, now = Date.now) {
  let timer;
  const check = () => (now() >= unix_ms ? callback() : arm());
  const arm = () => (timer = setTimeout(check, Math.min(Math.max(unix_ms - now(), 0), timer_ms_max)));
  arm();
  return () => clearTimeout(timer);
}

export class WaitTable {
  #by_key = new Map();  // key -> set of callbacks

  /** Resolves when one of the keys is written, at `until_ms`, or when `signal` aborts. @returns {Promise<void>} */
  wait(keys, until_ms, signal, now) {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        signal.removeEventListener('abort', done);
        for (const key of keys) {
          const waiting = this.#by_key.get(key);
          waiting?.delete(done);
          if (waiting?.size === 0) this.#by_key.delete(key);
        }
        resolve();
      };
      const cancel = at(until_ms, done, now);
      signal.addEventListener('abort', done, { once: true });
      for (const key of keys) this.#by_key.set(key, (this.#by_key.get(key) ?? new Set()).add(done));
      if (signal.aborted) done();
    });
  }

  written(keys) {
    for (const key of keys) for (const done of [...(this.#by_key.get(key) ?? [])]) done();
  }

  get size() {
    return new Set([...this.#by_key.values()].flatMap((each) => [...each])).size;
  }
}
