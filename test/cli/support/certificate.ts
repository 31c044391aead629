import { generate } from 'selfsigned'

const DAY = 24 * 60 * 60 * 1_000

/** A certificate that signs itself, as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/**
 * @param name the host it is for
 * @param days until it ends; negative where it has ended
 */
export async function certificateFor(name: string, days: number): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 30 * DAY),
    notAfterDate: new Date(Date.now() + days * DAY),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
    ],
  })
  return { cert, key }
}
