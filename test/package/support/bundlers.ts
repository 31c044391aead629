import { createRequire } from 'node:module'
import { build, type BuildOptions } from 'esbuild'

/** What is bundled, and where to. */
export interface Job {
  /** By name: several in one go, as a bundler is set up for several functions. */
  readonly entries: Readonly<Record<string, string>>
  /** A folder for what comes out. */
  readonly outdir: string
}

/** A bundler as somebody sets it up for Node: without a banner, an alias or a list of what to leave out. */
export interface Bundler {
  readonly name: string
  readonly format: 'esm' | 'cjs'
  /** What its files end with. */
  readonly extension: '.mjs' | '.cjs'
  /** Writes a file of each entry's name into the folder. @returns every warning. Rejects where the bundler fails */
  run(job: Job): Promise<readonly string[]>
}

/** What is used of rolldown and webpack. */
interface Rolldown {
  rolldown(options: object): Promise<{ write(options: object): Promise<unknown>; close(): Promise<void> }>
}
interface Messages {
  readonly errors: readonly { readonly message: string }[]
  readonly warnings: readonly { readonly message: string }[]
}
type Webpack = (configuration: object, done: (error: Error | null, stats?: { toJson(options: object): Messages }) => void) => void

/** They are heavy, and have a folder of their own. */
const heavy = createRequire(new URL('../../consumers/package.json', import.meta.url))

function esbuild(name: string, options: BuildOptions): Bundler {
  const format = options.format === 'cjs' ? 'cjs' : 'esm'
  const extension = format === 'cjs' ? '.cjs' : '.mjs'
  return {
    name: `esbuild, ${name}`,
    format,
    extension,
    async run({ entries, outdir }) {
      const { warnings } = await build({
        entryPoints: entries,
        outdir,
        outExtension: { '.js': extension },
        bundle: true,
        platform: 'node',
        logLevel: 'silent',
        ...options,
      })
      return warnings.map(({ text }) => text)
    },
  }
}

const rolldown: Bundler = {
  name: 'rolldown',
  format: 'esm',
  extension: '.mjs',
  async run({ entries, outdir }) {
    const warnings: string[] = []
    const { rolldown: start } = (await import(heavy.resolve('rolldown'))) as Rolldown
    const onLog = (level: string, { message }: { readonly message: string }): void => void (level === 'warn' && warnings.push(message))
    const bundle = await start({ input: entries, platform: 'node', onLog })
    await bundle.write({ dir: outdir, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' })
    await bundle.close()
    return warnings
  },
}

function webpack(name: string, format: 'esm' | 'cjs', mode: 'development' | 'production'): Bundler {
  const extension = format === 'esm' ? '.mjs' : '.cjs'
  return {
    name: `webpack, ${name}`,
    format,
    extension,
    async run({ entries, outdir }) {
      const configuration = {
        mode,
        entry: entries,
        target: 'node22',
        devtool: false,
        // As for several functions: what they share is bundled, and minified, once.
        optimization: { splitChunks: { chunks: 'all' } },
        output: {
          path: outdir,
          filename: `[name]${extension}`,
          chunkFilename: `[name]-[contenthash]${extension}`,
          library: { type: format === 'esm' ? 'module' : 'commonjs2' },
          ...(format === 'esm' ? { module: true, chunkFormat: 'module' } : {}),
        },
        ...(format === 'esm' ? { experiments: { outputModule: true } } : {}),
      }
      const start = heavy('webpack') as Webpack
      const { errors, warnings } = await new Promise<Messages>((resolve, reject) =>
        start(configuration, (error, stats) =>
          stats === undefined ? reject(error ?? new Error('webpack said nothing')) : resolve(stats.toJson({})),
        ),
      )
      if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'))
      return warnings.map(({ message }) => message)
    },
  }
}

export const BUNDLERS: readonly Bundler[] = [
  esbuild('an ES module', { format: 'esm' }),
  esbuild('an ES module, minified', { format: 'esm', minify: true }),
  esbuild('ES modules by --splitting, minified', { format: 'esm', splitting: true, minify: true }),
  esbuild('CommonJS', { format: 'cjs' }),
  esbuild('CommonJS, minified', { format: 'cjs', minify: true }),
  rolldown,
  webpack('an ES module', 'esm', 'production'),
  webpack('CommonJS', 'cjs', 'production'),
]
