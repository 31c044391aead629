/** One library with one set of options: a row of each table. */
export interface Contestant {
  /** Also the name of its file in `subjects/`. */
  readonly library: string
  readonly settings: string
  readonly wire: 'TCP' | 'HTTP'
}

interface Library {
  readonly library: string
  readonly wire: Contestant['wire']
  readonly settings: readonly string[]
  /** The packages whose versions matter. */
  readonly packages: readonly string[]
  /** How each of the settings reads in the tables. */
  readonly names: Readonly<Record<string, string>>
}

const TWO = { defaults: 'defaults', best: 'best settings' }

/** In the order of the tables. */
export const LIBRARIES: readonly Library[] = [
  {
    library: 'fastmiss',
    wire: 'TCP',
    settings: ['defaults', 'reuse'],
    packages: ['fastmiss', 'fastmiss/node_modules/@redis/client'],
    names: { defaults: 'defaults', reuse: "connection: 'reuse'" },
  },
  { library: 'node-redis', wire: 'TCP', settings: ['defaults', 'best'], packages: ['redis'], names: TWO },
  { library: 'ioredis', wire: 'TCP', settings: ['defaults', 'best'], packages: ['ioredis'], names: TWO },
  { library: 'keyv', wire: 'TCP', settings: ['defaults', 'best'], packages: ['keyv', '@keyv/redis', '@redis/client'], names: TWO },
  { library: 'cacheable', wire: 'TCP', settings: ['defaults', 'best'], packages: ['cacheable'], names: TWO },
  { library: 'cache-manager', wire: 'TCP', settings: ['defaults', 'best'], packages: ['cache-manager'], names: TWO },
  { library: 'bentocache', wire: 'TCP', settings: ['defaults', 'best'], packages: ['bentocache'], names: TWO },
  { library: 'unstorage', wire: 'TCP', settings: ['defaults', 'best'], packages: ['unstorage'], names: TWO },
  { library: 'fastmiss', wire: 'HTTP', settings: ['defaults'], packages: ['fastmiss'], names: TWO },
  { library: 'upstash', wire: 'HTTP', settings: ['defaults', 'best'], packages: ['@upstash/redis'], names: TWO },
]

const TITLES: Readonly<Record<string, string>> = { keyv: 'keyv + @keyv/redis', upstash: '@upstash/redis' }

/** The name that a reader knows it by. */
export function titleOf(library: string): string {
  return TITLES[library] ?? library
}

/** How the settings read in a table. */
export function settingsOf({ library, settings, wire }: Contestant): string {
  return LIBRARIES.find((one) => one.library === library && one.wire === wire)?.names[settings] ?? settings
}

export const CONTESTANTS: readonly Contestant[] = LIBRARIES.flatMap(({ library, wire, settings }) =>
  settings.map((each) => ({ library, wire, settings: each })),
)
