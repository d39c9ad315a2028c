// The body of a request on its way to the handler: whether its client stopped sending.

/**
 * A body that fails when the next piece takes longer than `piece_ms`. `hasStalled()`: that happened. `isAwaited()`: the client's next
 * piece is awaited now. `stop()`: no more of it is read.
 * @param {Request} request with a body
 * @param {number} piece_ms
 */
export function followBody(request, piece_ms) {
  const reader = /** @type {ReadableStream} */ (request.body).getReader();
  let [awaited, stalled] = [false, false];
  const followed = new ReadableStream(
    {
      async pull(controller) {
        awaited = true;
        const timer = setTimeout(() => {
          stalled = true;
          controller.error(new Error('the request body stalled'));
          reader.cancel().catch(() => {});
        }, piece_ms);
        try {
          const { done, value } = await reader.read();
          if (stalled) return;
          if (done) controller.close();
          else controller.enqueue(value);
          awaited = false;
        } finally {
          clearTimeout(timer);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },  // nothing is read before the handler reads
  );
  return { body: withLength(followed, request.headers.get('content-length')), hasStalled: () => stalled, isAwaited: () => awaited, stop: () => reader.cancel().catch(() => {}) };
}

/** On Workers a stream has a known length, and so a Content-Length when it is forwarded, only through this class. */
function withLength(stream, length) {
  const { FixedLengthStream } = /** @type {any} */ (globalThis);
  return FixedLengthStream && length ? stream.pipeThrough(new FixedLengthStream(Number(length))) : stream;
}
