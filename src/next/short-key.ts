/** Longer keys are stored by a hash: those of `'use cache'` hold all arguments, and of pages whole paths. */
const LONGEST = 512

/** @returns the key, or a text that no other key has */
export async function shortKey(key: string): Promise<string> {
  if (key.length <= LONGEST) return key
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)))
  const kind = key.slice(0, key.indexOf(':') + 1)
  return `${kind}sha256:${[...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
