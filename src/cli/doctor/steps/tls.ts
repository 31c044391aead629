import { once } from 'node:events'
import { isIP } from 'node:net'
import { connect as secure, type PeerCertificate, type TLSSocket } from 'node:tls'
import { badCertificate, codeOf, tlsRefused } from '../hints.ts'
import { whatAnswers } from '../sniff.ts'
import type { Outcome, Step } from '../step.ts'
import type { Target } from '../target.ts'
import { late, within } from '../within.ts'

const DAY = 24 * 60 * 60 * 1_000
/** Days before its end from which a certificate is worth a word. */
const SOON = 14

/** The TLS handshake and the certificate: whom it is for, until when, and whether this machine trusts who signed it. */
export const tls: Step = {
  name: 'tls',
  isVital: true,
  isTimed: true,
  async run({ target, patience, facts: { socket }, onEnd }) {
    if (!target.isTls || socket === undefined || target.place === undefined) {
      // It takes the place of a client, of which there may be few.
      socket?.destroy()
      return plain(target)
    }
    const host = target.servername ?? target.place.host
    // A bad certificate is to be looked at, not only refused. Nothing is sent over this connection.
    const secured = secure({ socket, host, ...(isIP(host) === 0 ? { servername: host } : {}), rejectUnauthorized: false })
    onEnd(() => secured.destroy(new Error('The visit is over')))
    secured.on('error', () => {})
    let code = 'SILENT'
    try {
      if ((await within(once(secured, 'secureConnect'), patience.left)) !== late) return judge(secured, host)
    } catch (error) {
      code = codeOf(error)
    } finally {
      secured.destroy()
    }
    return { status: 'failed', ...tlsRefused(code, await whatAnswers(target.place), target) }
  },
}

function plain({ wire, place, isTls }: Target): Outcome {
  const isLocal = place === undefined || /^(localhost|127\.|::1$)/.test(place.host)
  if (wire === 'memory' || isTls || isLocal) return { status: 'skipped', finding: 'no TLS in this URL' }
  return {
    status: 'warning',
    finding: 'no TLS: passwords and values travel in the clear',
    hint: `Use ${wire === 'tcp' ? 'rediss:' : 'https:'} unless the network is private`,
  }
}

function judge(secured: TLSSocket, host: string): Outcome {
  const certificate = secured.getPeerCertificate()
  const untilAt = Date.parse(certificate.valid_to)
  const until = Number.isNaN(untilAt) ? 'an unknown day' : new Date(untilAt).toISOString().slice(0, 10)
  if (!secured.authorized) {
    // Node's type says Error; it is the code of one.
    const code = String(secured.authorizationError)
    return { status: 'failed', ...badCertificate(code, { host, until, names: namesOf(certificate) }) }
  }
  const finding = `${secured.getProtocol() ?? 'TLS'}, certificate for ${namesOf(certificate)} until ${until}`
  const days = Math.floor((untilAt - Date.now()) / DAY)
  if (days >= SOON) return { status: 'ok', finding }
  return { status: 'warning', finding: `${finding}: ${days} days left`, hint: 'Have the certificate renewed before it expires' }
}

function namesOf({ subjectaltname, subject }: PeerCertificate): string {
  const names = (subjectaltname ?? '')
    .split(', ')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''))
    .filter((name) => name !== '')
  const common: unknown = subject?.CN
  return names.length > 0 ? names.slice(0, 4).join(', ') : typeof common === 'string' ? common : 'no name'
}
