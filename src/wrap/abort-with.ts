/**
 * The loader's signal fires with the caller's, unless others want the value.
 *
 * @param onAbort called before it fires
 * @returns takes the listeners away
 */
export function abortWith(signals: readonly AbortSignal[], controller: AbortController, isWanted: () => boolean, onAbort: () => void): () => void {
  const listeners = signals.map((signal) => {
    const listener = (): void => {
      if (isWanted()) return
      onAbort()
      controller.abort(signal.reason)
    }
    if (signal.aborted) listener()
    else signal.addEventListener('abort', listener)
    return () => signal.removeEventListener('abort', listener)
  })
  return () => {
    for (const remove of listeners) remove()
  }
}
