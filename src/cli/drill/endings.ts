/** What is to be ended, the last first. Node 22 has no AsyncDisposableStack yet. */
export interface Endings {
  /** @returns the resource, which `close` will dispose of */
  use<Resource extends AsyncDisposable>(resource: Resource): Resource
  add(end: () => Promise<void>): void
  close(): Promise<void>
}

/** @returns nothing to end yet */
export function createEndings(): Endings {
  const endings: (() => Promise<void>)[] = []
  return {
    use(resource) {
      endings.push(async () => resource[Symbol.asyncDispose]())
      return resource
    },
    add: (end) => void endings.push(end),
    async close() {
      for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end()
    },
  }
}
