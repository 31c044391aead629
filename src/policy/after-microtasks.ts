/**
 * Runs something a few microtasks later. Calls that come through one or two async functions still arrive before it, and no I/O event,
 * so no other request, can come in between.
 *
 * @returns what it comes to
 */
export function afterMicrotasks<Value>(run: () => Promise<Value>): Promise<Value> {
  return Promise.resolve().then(nothing).then(nothing).then(run)
}

function nothing(): void {}
