import documented from './documented.config.mjs'

/** That of docs/next.md, and what makes a build of a test short. */
export default {
  ...documented,
  partialPrefetching: false,
  experimental: { turbopackFileSystemCacheForBuild: false, turbopackMinify: false, turbopackScopeHoisting: false, cpus: 1 },
  turbopack: { root: new URL('..', import.meta.url).pathname },
}
