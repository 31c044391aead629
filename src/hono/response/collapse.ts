import type { StoredResponse } from '../../http/stored.ts'

/** Requests that wait for the handler's answer to another one. */
export interface Collapse {
  /**
   * What another request of the same key brings within the wait; undefined where nobody is under way, it takes too long, or
   * nothing came of it that could be stored.
   */
  join(key: string): Promise<StoredResponse | undefined> | undefined
  /** Begins one. @returns to be called with what came of it, once; later calls do nothing */
  lead(key: string): (stored: StoredResponse | undefined) => void
}

/** @param wait ms, after which a request goes to the handler itself: whoever leads may hang */
export function createCollapse(wait: number): Collapse {
  const underWay = new Map<string, Promise<StoredResponse | undefined>>()
  return {
    join: (key) => {
      const leading = underWay.get(key)
      return leading && atMost(leading, wait)
    },
    lead(key) {
      let settle: (stored: StoredResponse | undefined) => void = () => {}
      const leading = new Promise<StoredResponse | undefined>((resolve) => (settle = resolve))
      underWay.set(key, leading)
      return (stored) => {
        if (underWay.get(key) === leading) underWay.delete(key)
        settle(stored)
      }
    },
  }
}

async function atMost(leading: Promise<StoredResponse | undefined>, wait: number): Promise<StoredResponse | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    return await Promise.race([leading, new Promise<undefined>((resolve) => (timer = setTimeout(resolve, wait, undefined)))])
  } finally {
    clearTimeout(timer)
  }
}
