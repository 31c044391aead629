import { scrub } from '../../errors.ts'
import type { Speaker } from './sniff.ts'
import type { Target } from './target.ts'

/** What is broken, and what to do about it. Neither holds anything of the URL but its host and port. */
export interface Diagnosis {
  readonly finding: string
  readonly hint: string
}

/** @returns the code of a system or TLS error; never its message, which may quote what was sent */
export function codeOf(error: unknown): string {
  const { code, name } = scrub(error)
  return code ?? name
}

/** No connection. `SILENT` where nothing answered in time. */
export function unreachable(code: string, { place, socketPath }: Target): Diagnosis {
  const where = place === undefined ? 'the socket' : `port ${place.port}`
  switch (code) {
    case 'SILENT':
    case 'ETIMEDOUT':
      return {
        finding: `no answer from ${where}: packets are dropped on the way`,
        hint: 'Check firewall, security group and allow list, and whether this machine is in the network of the server (VPC, VPN)',
      }
    case 'ECONNREFUSED':
      return {
        finding: `nothing listens on ${where} (ECONNREFUSED)`,
        hint: 'Is Redis running? Check the port, and that it binds to more than its own loopback; for one to try: fastmiss dev',
      }
    case 'ENOENT':
      return { finding: `there is no socket at ${socketPath ?? 'that path'}`, hint: 'Check the path and the setting unixsocket in redis.conf' }
    case 'EACCES':
      return { finding: 'this user may not open the socket', hint: 'Check the setting unixsocketperm in redis.conf, and the groups of this user' }
    default:
      return { finding: `${where} cannot be reached (${code})`, hint: 'Check host, port and the routes of this machine' }
  }
}

/** The TLS handshake did not come to its end. */
export function tlsRefused(code: string, speaker: Speaker, { wire }: Target): Diagnosis {
  const [plain, secure] = wire === 'tcp' ? ['redis:', 'rediss:'] : ['http:', 'https:']
  if (speaker === 'redis' || speaker === 'http') {
    const scheme = speaker === 'redis' ? 'redis:' : 'http:'
    return {
      finding: `no TLS here: a plain ${speaker === 'redis' ? 'Redis' : 'HTTP server'} answers on this port`,
      hint: `Write ${scheme} instead of ${secure}, or use the port that speaks TLS`,
    }
  }
  return {
    finding: `the TLS handshake failed (${code === 'SILENT' ? 'no answer' : code})`,
    hint: `Does this port speak TLS? If not, write ${plain} instead of ${secure}; else compare TLS versions and ciphers`,
  }
}

/** What is known of a certificate that was not accepted. */
export interface Certificate {
  readonly host: string
  /** The last day, as 2026-01-31. */
  readonly until: string
  readonly names: string
}

/** The certificate does not prove the name. */
export function badCertificate(code: string, { host, until, names }: Certificate): Diagnosis {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return { finding: `the certificate expired on ${until}`, hint: 'Renew it at the server, and check the clock of this machine' }
    case 'CERT_NOT_YET_VALID':
      return { finding: 'the certificate is not valid yet', hint: 'Check the clock of this machine, then that of whoever made it' }
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        finding: `the certificate is for ${names}, not for ${host}`,
        hint: 'Use a host name that the certificate names, or set tls: { servername } where the connection goes through a tunnel',
      }
    default:
      return {
        finding: `nobody this machine trusts signed the certificate (${code})`,
        hint: 'Trust its CA: run with NODE_EXTRA_CA_CERTS=ca.pem or --ca ca.pem; in code, tls: { ca }',
      }
  }
}
