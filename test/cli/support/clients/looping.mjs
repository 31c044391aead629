import { connect } from 'node:net'
import { createCache as real } from 'fastmiss'

/** Answers as the real one does, and dials behind its back, for ever. */
export function createCache(options) {
  const { hostname, port } = new URL(options.url)
  setInterval(
    () =>
      connect(Number(port), hostname)
        .on('error', () => {})
        .on('connect', function () {
          this.destroy()
        }),
    60,
  )
  return real(options)
}
