/** The loader's signal fires with the caller's, unless others want the value. @returns takes the listeners away */
export function abortWith(signals: readonly AbortSignal[], controller: AbortController, isAlone: () => boolean): () => void {
  const listeners = signals.map((signal) => {
    const onAbort = (): void => {
      if (isAlone()) controller.abort(signal.reason)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
    return () => signal.removeEventListener('abort', onAbort)
  })
  return () => {
    for (const remove of listeners) remove()
  }
}
