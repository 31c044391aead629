import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { PIPELINE } from './node-redis-pipeline.mjs'
import { vendored } from './vendored.mjs'

const require = createRequire(import.meta.url)
const HOME = dirname(require.resolve('@redis/client/package.json'))
const LIB = join(HOME, 'dist/lib')

const { version: pinned, license } = require('@redis/client/package.json')

/** The version of node-redis that is in the package. */
export const version = pinned

/**
 * What a connection of ours never reaches, each with as much as the rest of the driver touches while it is loaded, connects, sends
 * and ends. We send raw commands over RESP 2 and never subscribe, pool, cache, trace or reconnect (`driverOptions`).
 */
const LEFT_OUT = {
  // The tables of commands: 350 files. The handshake needs two of them.
  'commands/index.js': `exports.default = { AUTH: require('./AUTH').default, READONLY: require('./READONLY').default }`,
  'commands/generic-transformers.js': `
    const { BasicCommandParser } = require('../client/parser')
    exports.parseArgs = (command, ...args) => {
      const parser = new BasicCommandParser()
      command.parseCommand(parser, ...args)
      return parser.redisArgs
    }`,
  'commands/HELLO.js': '',
  'commands/ASKING.js': '',
  'commands/HIMPORT_DISCARD.js': '',
  'commands/HIMPORT_DISCARDALL.js': '',
  'commands/HIMPORT_PREPARE.js': '',
  'commands/HIMPORT_SET.js': '',
  'command-metadata/index.js': '',
  'commander.js': '',
  'himport/registry.js': `
    exports.FieldsetRegistry = class {}
    exports.PreparedFieldsets = class { clear() {} }`,
  'authx/index.js': '',
  'client/cache.js': '',
  'client/legacy-mode.js': '',
  'client/multi-command.js': '',
  'client/pool.js': '',
  'client/pub-sub.js': `
    exports.PUBSUB_TYPE = {}
    exports.PubSub = class {
      isActive = false
      resubscribe() { return [] }
      reset() {}
      handleMessageReply() { return false }
      static isShardedUnsubscribe() { return false }
      static isStatusReply() { return false }
    }`,
  // Notifications of a server under maintenance need RESP 3.
  'client/enterprise-maintenance-manager.js': `
    exports.dbgMaintenance = () => {}
    exports.default = class { static getHandshakeCommand() {} }`,
  // No channel of the process is told keys and values.
  'client/tracing.js': `
    exports.CHANNELS = {}
    exports.trace = (channel, run) => run()
    exports.publish = () => {}`,
  'opentelemetry/index.js': `
    exports.ClientRegistry = { instance: { register() {}, unregister() {} } }`,
  'client/identity.js': `
    exports.ClientRole = {}
    exports.generateClientId = () => ''`,
}

/** What is used of Node, as static imports: a bundler meets no `require` of a Node module, which ES modules do not have. */
const NODE = {
  events: `export { EventEmitter, EventEmitter as default, once } from 'node:events'`,
  net: `import { createConnection } from 'node:net'; export default { createConnection }`,
  // Loading TLS takes longer than all the rest: who dials a rediss: address brings it (src/transport/tcp/driver.ts).
  tls: 'export default { connect: (options) => options.connectTls(options) }',
  // The global of every runtime.
  url: 'export const URL = globalThis.URL',
  // Only a reconnect would wait.
  'timers/promises': 'export const setTimeout = undefined',
}

const CHUNK = 'shared/node-redis.js'
/** For the tests' gateway to Upstash, which subscribes, and talks to any Redis. */
const CHUNK_OF_GATEWAY = 'shared/node-redis-pub-sub.js'

/** For the package's own build: `@redis/client` is one of the two files that {@link buildNodeRedis} makes. */
export const nodeRedis = {
  name: 'node-redis',
  setup(build) {
    build.onResolve({ filter: /^@redis\/client$/ }, ({ importer }) => ({
      path: `dist:${importer.includes('/testing/') ? CHUNK_OF_GATEWAY : CHUNK}`,
      external: true,
      sideEffects: false,
    }))
  },
}

/** @returns the files of the driver, its licence among them, named within `dist` */
export async function buildNodeRedis() {
  return [
    { name: CHUNK, text: await bundle([], NODE) },
    {
      name: CHUNK_OF_GATEWAY,
      text: await bundle(['client/pub-sub.js'], { ...NODE, tls: `import { connect } from 'node:tls'; export default { connect }` }),
    },
    // The package on npm has no licence file; this is the one of its repository.
    { name: 'shared/node-redis.LICENSE.txt', text: await readFile(join(import.meta.dirname, 'node-redis.LICENSE.txt'), 'utf8') },
  ]
}

function bundle(kept, node) {
  return vendored({
    entry: `export { default as RedisClient } from './client/index.js'; export { RESP_TYPES } from './RESP/decoder.js'`,
    resolveDir: LIB,
    plugins: [trimmed(kept, node)],
    notice: `node-redis ${version}, without what a cache never calls, and with a pipeline. ${license}: see node-redis.LICENSE.txt`,
  })
}

/** Leaves out of the driver what is not kept, and answers what it asks of Node. */
function trimmed(kept, node) {
  return {
    name: 'trimmed',
    setup(build) {
      build.onResolve({ filter: /^(node:|[a-z])/ }, ({ path, importer }) =>
        importer.startsWith(HOME) ? { path: path.replace(/^node:/, ''), namespace: 'of-node' } : undefined,
      )
      build.onLoad({ filter: /.*/, namespace: 'of-node' }, ({ path }) =>
        path in node ? { contents: node[path] } : { errors: [{ text: `node-redis asks for ${path}: bundle/node-redis.mjs has no answer` }] },
      )
      build.onLoad({ filter: /@redis\/client\/dist\/package\.json$/ }, () => ({ contents: JSON.stringify({ version }), loader: 'json' }))
      build.onLoad({ filter: /@redis\/client\/dist\/lib\/.*\.js$/ }, async ({ path }) => {
        const name = relative(LIB, path).replaceAll('\\', '/')
        const isLeftOut = name in LEFT_OUT && !kept.includes(name)
        return { contents: isLeftOut ? `exports.__esModule = true\n${LEFT_OUT[name]}` : patched(name, await readFile(path, 'utf8')), loader: 'js' }
      })
    },
  }
}

/** @returns the text of a file of the driver, with what a pipeline needs */
function patched(name, text) {
  let result = text
  for (const [found, instead] of PIPELINE[name] ?? []) {
    if (result.split(found).length !== 2)
      throw new Error(`node-redis ${version}: ${name} does not have once what bundle/node-redis-pipeline.mjs looks for`)
    result = result.replace(found, () => instead)
  }
  return result
}
