/**
 * Runs something a few microtasks on: calls that reach us through an async function or two still belong to the turn, and no I/O
 * event, so no other request, comes in between.
 *
 * @returns what it comes to
 */
export function afterMicrotasks<Value>(run: () => Promise<Value>): Promise<Value> {
  return Promise.resolve().then(nothing).then(nothing).then(run)
}

function nothing(): void {}
