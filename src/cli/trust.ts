import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as tls from 'node:tls'
import { CommandFailed } from './command-failed.ts'
import { USAGE } from './exit-code.ts'

/**
 * Trusts one more certificate authority, for every connection of this process, `fetch` included.
 *
 * @param file PEM
 * @throws CommandFailed where the file cannot be used, or Node is older than 22.19
 */
export async function trust(file: string): Promise<void> {
  if (typeof tls.setDefaultCACertificates !== 'function') {
    throw new CommandFailed('--ca needs Node 22.19 or later; set NODE_EXTRA_CA_CERTS to the file instead', USAGE)
  }
  try {
    const pem = await readFile(file, 'utf8')
    // Node takes any text, and trusts nobody by it.
    new X509Certificate(pem)
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), pem])
  } catch (error) {
    throw new CommandFailed(`--ca: the file cannot be read as a PEM certificate (${codeOf(error)})`, USAGE)
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
