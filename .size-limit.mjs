// What a Worker carries: each bundle as a Worker's bundler makes it, minified and compressed. A limit is what was measured, and a
// little room; raise one only with the reason in the commit.
const forWorkers = (config) => ({
  ...config,
  conditions: ['workerd', 'import'],
  platform: 'neutral',
  mainFields: ['module', 'main'],
  target: 'es2023',
})
const CORE = '{ createCache, fromEnv }'
const core = { modifyEsbuildConfig: forWorkers, gzip: true, import: CORE, path: 'dist/index.workerd.js' }

export default [
  { ...core, name: 'core and REST, in a Worker', limit: '36.1 kB' },
  {
    ...core,
    name: 'with the response cache',
    path: ['dist/index.workerd.js', 'dist/hono/index.js'],
    import: { 'dist/index.workerd.js': CORE, 'dist/hono/index.js': '{ responseCache, cacheContext }' },
    ignore: ['hono'],
    limit: '52.8 kB',
  },
  {
    ...core,
    name: 'with TCP',
    path: ['dist/index.workerd.js', 'dist/tcp.js'],
    import: { 'dist/index.workerd.js': CORE, 'dist/tcp.js': '{ tcp }' },
    ignore: ['node:*'],
    limit: '56.2 kB',
  },
  {
    ...core,
    name: 'a Keyv store, in a Worker',
    path: 'dist/keyv/index.workerd.js',
    import: '{ createKeyv }',
    ignore: ['keyv'],
    limit: '40.2 kB',
  },
  {
    ...core,
    name: 'a driver of unstorage, in a Worker',
    path: 'dist/unstorage/index.workerd.js',
    import: 'fastmiss',
    limit: '36.9 kB',
  },
]
