import { readEnv } from '../../options/from-env.ts'
import { isNodesScheme, schemeOf } from '../../options/url.ts'
import { toEndpoint } from '../../transport/http/endpoint.ts'
import { isTcpScheme, parseAddress } from '../../transport/tcp/address.ts'
import { nodesTarget, type NodesTarget } from './nodes/nodes-target.ts'
import { checked, TargetError } from './target-error.ts'

/** What is examined: where it is, and how it is spoken to. */
export interface Target {
  /** As it was given, secrets included: for transports only. */
  readonly url: string
  readonly token: string | undefined
  readonly wire: 'tcp' | 'http' | 'memory'
  /** What may be shown: scheme, host, port, database or path. No user, no password, no query. */
  readonly shown: string
  /** Absent for a unix socket, for memory and for many nodes. */
  readonly place: Place | undefined
  /** The name that its certificate is for, where it is another than the host's. */
  readonly servername?: string
  /** Of a cluster and of sentinels. */
  readonly nodes?: NodesTarget
  /** The path of a unix socket. */
  readonly socketPath: string | undefined
  readonly isTls: boolean
  readonly hasCredentials: boolean
  readonly database: number
}

/** Where a server listens. */
export interface Place {
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
}

/** What the command line says. */
export interface Given {
  readonly url?: string | undefined
  readonly token?: string | undefined
  /** Where nodes are reached: from `host:port` to `host:port`. */
  readonly nodeAddress?: Readonly<Record<string, string>> | undefined
}

type Env = Readonly<Record<string, string | undefined>>

const EXPECTED = 'Expected redis://user:password@host:6379/0, rediss://…, unix:///path/to/socket, https://… or memory:'

/**
 * Reads what to examine from the command line, else from the environment as `fromEnv` does.
 *
 * @throws TargetError where it names nothing that can be examined
 */
export function readTarget({ url: givenUrl, token: givenToken, nodeAddress }: Given, env: Env): Target {
  const { url: text = '', token } = givenUrl === undefined ? fromEnvironment(env) : { url: givenUrl, token: givenToken ?? tokenFor(givenUrl, env) }
  if (isNodesScheme(schemeOf(text))) {
    if (givenToken !== undefined) throw ofRest()
    return { ...NOWHERE, ...nodesTarget(text, nodeAddress, env) }
  }
  if (nodeAddress !== undefined) {
    throw new TargetError('--node-address is for a redis+cluster: or redis+sentinel: URL, and this one is not', 'Leave it out')
  }
  const url = parse(text)
  refuseSplitSecrets(url)
  if (givenToken !== undefined && url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw ofRest()
  }
  const place = placeOf(url)
  const common = { ...NOWHERE, url: text, token: givenToken ?? token, place }
  if (url.protocol === 'memory:') return { ...common, wire: 'memory', shown: 'memory:', place: undefined }
  if (isTcpScheme(url.protocol)) return tcpTarget(url, common)
  if (url.protocol === 'https:' || url.protocol === 'http:') return httpTarget(url, common)
  throw new TargetError('The URL has a scheme that no transport knows', EXPECTED)
}

const NOWHERE = { token: undefined, place: undefined, socketPath: undefined, isTls: false, hasCredentials: false, database: 0 } as const

function ofRest(): TargetError {
  return new TargetError('--token is for an https: URL, and this one is not', 'Leave it out: the password of a redis: URL stands in the URL')
}

type Common = Omit<Target, 'wire' | 'shown'>

function tcpTarget(url: URL, common: Common): Target {
  const { isTls, database, credentials, socket } = checked(() => parseAddress(url.href, {}), EXPECTED)
  const socketPath = url.protocol === 'unix:' ? String(socket['path']) : undefined
  const where = socketPath === undefined ? `//${url.host}${database === 0 ? '' : `/${database}`}` : `//${socketPath}`
  return { ...common, wire: 'tcp', shown: url.protocol + where, socketPath, isTls, database, hasCredentials: credentials !== undefined }
}

function httpTarget(url: URL, common: Common): Target {
  const hint = 'Set UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, or give --token with the REST token of the database'
  checked(() => toEndpoint({ url, token: common.token }), hint)
  return { ...common, wire: 'http', shown: url.origin, isTls: url.protocol === 'https:', hasCredentials: true }
}

function fromEnvironment(env: Env): { url?: string; token?: string } {
  return checked(() => readEnv(env, 'tcp'), 'Give a URL: fastmiss doctor redis://localhost:6379')
}

/** A token of the environment goes to the host that the environment names, and nowhere else. */
function tokenFor(url: string, env: Env): string | undefined {
  for (const prefix of ['UPSTASH_REDIS_REST', 'KV_REST_API']) {
    const known = env[`${prefix}_URL`]
    if (known !== undefined && URL.canParse(known) && URL.canParse(url) && new URL(known).origin === new URL(url).origin) {
      return env[`${prefix}_TOKEN`]
    }
  }
  return undefined
}

function parse(text: string): URL {
  if (URL.canParse(text)) return new URL(text)
  const isBare = /^[\w.-]+(:\d+)?$/.test(text)
  throw new TargetError(
    'The URL cannot be parsed',
    isBare ? `The scheme is missing: redis:// before the host. ${EXPECTED}` : `${EXPECTED}. ${ENCODE}`,
  )
}

const ENCODE = 'Percent-encode special characters in user name and password: / is %2F, # is %23, ? is %3F, @ is %40'

/** An unencoded # or ? in a password makes its beginning the host: nothing of such a URL may be shown. */
function refuseSplitSecrets(url: URL): void {
  const behind = url.pathname + url.search + url.hash
  if (url.protocol === 'unix:' ? url.hash !== '' : behind.includes('@') || url.hash !== '') {
    throw new TargetError('The URL has a part of its user name or password behind its host', ENCODE)
  }
}

function placeOf(url: URL): Place | undefined {
  const defaults: Readonly<Record<string, number>> = { 'redis:': 6379, 'rediss:': 6379, 'http:': 80, 'https:': 443 }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? defaults[url.protocol] : Number(url.port)
  return host === '' || port === undefined ? undefined : { host, port }
}
