import type * as Selfsigned from 'selfsigned'

/** A certificate for loopback that nobody trusts until told to. All three are PEM. */
export interface ThrowawayCertificate {
  /** What a client is given to trust. */
  readonly ca: string
  readonly cert: string
  readonly key: string
}

const DAY = 24 * 60 * 60 * 1_000

/**
 * Makes a self-signed certificate for `localhost`, `127.0.0.1` and `::1`, valid for one day.
 * The key is made in this process and written nowhere.
 *
 * @throws Error where the optional package `selfsigned` is not installed
 */
export async function throwawayCertificate(): Promise<ThrowawayCertificate> {
  const { generate } = await loadSelfsigned()
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + DAY),
    extensions: [
      // A certificate that signs itself must be a CA to be trusted through a list of CAs.
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  })
  return { ca: cert, cert, key }
}

async function loadSelfsigned(): Promise<typeof Selfsigned> {
  try {
    return await import('selfsigned')
  } catch (cause) {
    throw new Error('TLS for tests needs the package selfsigned: npm install --save-dev selfsigned', { cause })
  }
}
