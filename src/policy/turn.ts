/**
 * Resolves a few microtasks on: calls that reach us through an async function or two still belong to the turn, and no I/O
 * event, so no other request, comes in between.
 */
export async function endOfTurn(): Promise<void> {
  await Promise.resolve()
  await Promise.resolve()
}
