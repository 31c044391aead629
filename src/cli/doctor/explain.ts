import { type CacheError, scrub } from '../../errors.ts'
import { errorReply, FULL } from './error-reply.ts'
import type { Diagnosis } from './hints.ts'
import { aclRules, NEEDED_COMMANDS } from './needed-commands.ts'
import { type Speaker, whatAnswers } from './sniff.ts'
import type { Target } from './target.ts'

/** Puts a failed exchange into words. Where it is not Redis that answers, it finds out what does. */
export async function explain(error: CacheError, target: Target): Promise<Diagnosis> {
  const { code = '', status } = scrub(error.cause)
  switch (error.code) {
    case 'auth':
      return target.wire === 'http' ? refusedToken(status, code) : refusedCredentials(code, target)
    case 'reply':
      if (status !== undefined) return httpStatus(status)
      return code === 'ERR' && (await speakerAt(target)) === 'full' ? FULL : errorReply(code)
    case 'timeout':
      return silence(target)
    default:
      return stranger(error, code, await speakerAt(target), target)
  }
}

function refusedCredentials(code: string, { hasCredentials }: Target): Diagnosis {
  // A command that rides behind the handshake is answered NOAUTH where AUTH failed.
  switch (hasCredentials && code === 'NOAUTH' ? 'WRONGPASS' : code) {
    case 'NOAUTH':
      return { finding: 'Redis asks for a password, and the URL has none (NOAUTH)', hint: 'Write it into the URL: redis://:password@host:6379' }
    case 'NOPERM':
      return {
        finding: 'this user may not run PING (NOPERM)',
        hint: `Give its ACL at least: ${aclRules(NEEDED_COMMANDS)} and the keys it uses`,
      }
    case 'ERR':
      return {
        finding: 'this Redis has no password, and the URL has one',
        hint: 'Take the password out of the URL, or set requirepass at the server',
      }
    default:
      return {
        finding: `Redis refused the user name or the password`,
        hint: 'Compare both with the server (ACL LIST), and percent-encode special characters: / is %2F, # is %23, @ is %40',
      }
  }
}

function refusedToken(status: number | undefined, code: string): Diagnosis {
  return {
    finding: `the token was refused (${status === undefined ? code : `HTTP ${status}`})`,
    hint: 'Copy the REST token of this very database again; a token of another database, or one that was rotated, is refused like this',
  }
}

function httpStatus(status: number): Diagnosis {
  if (status === 429) return { finding: 'too many requests (HTTP 429)', hint: 'Look at the limits of the plan in the console of the database' }
  if (status >= 500) return { finding: `the server is in trouble (HTTP ${status})`, hint: 'Look at the status page of the provider; try again' }
  return {
    finding: `the server does not know this request (HTTP ${status})`,
    hint: 'Is this the REST address? It is called UPSTASH_REDIS_REST_URL in the console, and has no path',
  }
}

async function silence(target: Target): Promise<Diagnosis> {
  const speaker = await speakerAt(target)
  if (speaker === 'tls' || (speaker === 'http' && target.wire === 'tcp')) return stranger(undefined, '', speaker, target)
  return {
    finding: 'it accepts the connection, and does not answer in time',
    hint: 'Is Redis overloaded or blocked (SLOWLOG GET, a long script)? Or is there a proxy that cannot reach it? More time: --timeout',
  }
}

function stranger(error: CacheError | undefined, code: string, speaker: Speaker | undefined, { wire, isTls }: Target): Diagnosis {
  if (speaker === 'full') return FULL
  const wanted = wire === 'tcp' ? 'Redis' : 'an Upstash REST server'
  if (speaker === 'tls' && !isTls) {
    return { finding: `a TLS server answers on this port, not plain ${wanted}`, hint: `Write ${wire === 'tcp' ? 'rediss:' : 'https:'} instead` }
  }
  if (speaker === 'http' && wire === 'tcp') {
    return { finding: 'an HTTP server answers on this port, not Redis', hint: 'Check the port; for a REST address write https: and give --token' }
  }
  if (speaker === 'redis' && wire === 'http') return { finding: 'a Redis answers on this port, not a REST server', hint: 'Write redis: instead' }
  if (error?.code === 'protocol' && /redirects/.test(error.message)) {
    return { finding: 'the server redirects elsewhere', hint: 'Give the address it redirects to, if that is your database; nothing was sent on' }
  }
  if (code.includes('CERTIFICATE_REQUIRED'))
    return { finding: 'the server asks for a certificate of the client', hint: 'In code: tls: { cert, key }' }
  if (error?.code === 'unreachable') {
    return {
      finding: `it accepts the connection, and hangs up (${code === '' ? 'closed' : code})`,
      hint: isTls
        ? 'Check that this is the port of Redis, and its log'
        : `Does it want TLS? Write ${wire === 'tcp' ? 'rediss:' : 'https:'}; else check its log`,
    }
  }
  return { finding: `what answers is not ${wanted}`, hint: 'Check host and port' }
}

/** In the clear and without credentials: not over TLS, where nothing can be told this way, nor over a unix socket. */
async function speakerAt({ place, isTls }: Target): Promise<Speaker | undefined> {
  return place === undefined || isTls ? undefined : whatAnswers(place)
}
