// What a Worker carries: each bundle as a Worker's bundler makes it, minified and compressed. A limit is what was measured, and a
// little room; raise one only with the reason in the commit.
const forWorkers = (config) => ({
  ...config,
  conditions: ['workerd', 'import'],
  platform: 'neutral',
  mainFields: ['module', 'main'],
  target: 'es2023',
})
const core = { modifyEsbuildConfig: forWorkers, gzip: true, import: '{ createCache, fromEnv }', path: 'dist/index.workerd.js' }
const packages = ['@upstash/redis/cloudflare', 'tiny-lru']

export default [
  { ...core, name: 'core and Upstash, in a Worker', limit: '43 kB' },
  { ...core, name: 'of which ours', ignore: packages, limit: '24 kB' },
  {
    ...core,
    name: 'ours with the response cache',
    path: ['dist/index.workerd.js', 'dist/hono/index.js'],
    import: { 'dist/index.workerd.js': '{ createCache, fromEnv }', 'dist/hono/index.js': '{ responseCache, cacheContext }' },
    ignore: [...packages, 'hono'],
    limit: '38 kB',
  },
  {
    ...core,
    name: 'a Keyv store, in a Worker',
    path: 'dist/keyv/index.workerd.js',
    import: '{ createKeyv }',
    ignore: ['keyv'],
    limit: '46.5 kB',
  },
]
