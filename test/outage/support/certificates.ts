import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** One authority, whom every client of this process trusts, and two servers that it vouches for. */
export interface Certificates {
  /** PEM, and the same in a file. */
  readonly ca: string
  readonly caFile: string
  /** Of `localhost`: arguments of redis-server, in place of those that make its own. */
  readonly redisArgs: readonly string[]
  /** Of another name. PEM. */
  readonly other: { readonly cert: string; readonly key: string }
}

let made: Promise<Certificates> | undefined

/** Made once per process, since some runtimes are told whom to trust once. Its files go when the process does. */
export function certificates(): Promise<Certificates> {
  return (made ??= make())
}

async function make(): Promise<Certificates> {
  const directory = temporaryFolder('certificates')
  const authority = await issue('an authority for tests')
  const [local, other] = await Promise.all([issue('localhost', authority), issue('other.example', authority)])
  const files = { ca: join(directory, 'ca.pem'), cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') }
  await Promise.all([writeFile(files.ca, authority.cert), writeFile(files.cert, local.cert), writeFile(files.key, local.key, { mode: 0o600 })])
  return {
    ca: authority.cert,
    caFile: files.ca,
    redisArgs: ['--tls-cert-file', files.cert, '--tls-key-file', files.key, '--tls-ca-cert-file', files.ca],
    other,
  }
}

interface Issued {
  readonly cert: string
  readonly key: string
}

async function issue(name: string, ca?: Issued): Promise<Issued> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions:
      ca === undefined
        ? [{ name: 'basicConstraints', cA: true, critical: true }]
        : [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
    ...(ca === undefined ? {} : { ca }),
  })
  return { cert, key }
}
