import { glob } from './glob.ts'
import { parseInteger } from './integer.ts'
import { type Bytes, RedisError } from './reply.ts'

/** What a full memory means for the next write: the key not used for longest goes, or the write is refused. */
export type Policy = 'allkeys-lru' | 'noeviction'

/** What an embedded server was told to be. */
export interface Settings {
  /** Bytes of keys and values; 0 is no bound. */
  maxmemory: number
  /** What happens to the next write when there are more; undefined until it is said. */
  'maxmemory-policy': Policy | undefined
  maxclients: number
  /** Empty where none is asked for. */
  requirepass: string
}

/** 128 MiB: a cache at the desk, within the process of its user. */
const MAX_MEMORY = 134_217_728
const MOST_CLIENTS = 4_294_967_295

/** @returns what holds where nothing else is said */
export function defaultSettings(): Settings {
  return { maxmemory: MAX_MEMORY, 'maxmemory-policy': undefined, maxclients: 10_000, requirepass: '' }
}

/** Within its own bound a cache at the desk evicts; whoever sets one gets what Redis does by default, which is to refuse. */
export function policyOf(settings: Settings): Policy {
  return settings['maxmemory-policy'] ?? (settings.maxmemory === MAX_MEMORY ? 'allkeys-lru' : 'noeviction')
}

/** What clients ask for, and what never changes here. */
const FIXED_SETTINGS: Readonly<Record<string, string>> = {
  appendonly: 'no',
  bind: '127.0.0.1',
  databases: '16',
  'maxmemory-samples': '5',
  'notify-keyspace-events': '',
  save: '',
  timeout: '0',
}

/** @returns the settings whose names fit one of the patterns; a name without a wildcard comes back as it was spelled, as in Redis 7 */
export function configGet(settings: Settings, patterns: readonly Bytes[]): ReadonlyMap<Bytes, Bytes> {
  const all = Object.entries({ ...FIXED_SETTINGS, ...settings, 'maxmemory-policy': policyOf(settings) }).map(
    ([name, value]) => [name, String(value)] as const,
  )
  const found = patterns.flatMap((pattern) => {
    const fits = glob(pattern.toLowerCase())
    const isPlain = !/[*?[]/.test(pattern)
    return all.filter(([name]) => fits(name)).map(([name, value]) => [isPlain ? pattern : name, value] as const)
  })
  return new Map(found)
}

/** Changes settings, all or none. @throws RedisError where there is no such, or not such a value */
export function configSet(settings: Settings, changes: readonly (readonly [name: Bytes, value: Bytes])[]): void {
  const changed = { ...settings }
  const seen = new Set<Bytes>()
  for (const [name] of changes) {
    if (!Object.hasOwn(FIXED_SETTINGS, name.toLowerCase()) && !Object.hasOwn(settings, name.toLowerCase())) throw unknownSetting(name)
    if (seen.has(name.toLowerCase())) throw refusal(name, 'duplicate parameter')
    seen.add(name.toLowerCase())
  }
  for (const [name, value] of changes) setOne(changed, name, value)
  Object.assign(settings, changed)
}

function unknownSetting(name: Bytes): RedisError {
  return new RedisError(`ERR Unknown option or number of arguments for CONFIG SET - '${name}'`)
}

function refusal(name: Bytes, why: string): RedisError {
  return new RedisError(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${why}`)
}

function setOne(settings: Settings, name: Bytes, value: Bytes): void {
  const refuse = (why: string): RedisError => refusal(name, why)
  switch (name.toLowerCase()) {
    case 'maxmemory':
      settings.maxmemory = parseMemory(value) ?? raise(refuse('argument must be a memory value'))
      return
    case 'maxmemory-policy':
      if (value !== 'allkeys-lru' && value !== 'noeviction') throw refuse('argument(s) must be one of the following: allkeys-lru, noeviction')
      settings['maxmemory-policy'] = value
      return
    case 'maxclients':
      settings.maxclients = Number(parseInteger(value, refuse("argument couldn't be parsed into an integer").message))
      if (settings.maxclients < 1 || settings.maxclients > MOST_CLIENTS) throw refuse(`argument must be between 1 and ${MOST_CLIENTS} inclusive`)
      return
    case 'requirepass':
      settings.requirepass = value
      return
    default:
      // What never changes here may be set to what it is.
      if (FIXED_SETTINGS[name.toLowerCase()] !== value) throw unknownSetting(name)
  }
}

function raise(error: Error): never {
  throw error
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1e3, kb: 1_024, m: 1e6, mb: 1_024 ** 2, g: 1e9, gb: 1_024 ** 3 }

/** `10mb`, as a redis.conf has it. */
function parseMemory(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)([a-z]*)$/i.exec(text) ?? []
  const factor = UNITS[unit?.toLowerCase() ?? '?']
  return factor === undefined ? undefined : Number(digits) * factor
}
