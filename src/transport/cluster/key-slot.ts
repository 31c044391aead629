/** How many slots the keys of a Redis Cluster are dealt to. */
export const SLOTS = 16_384

/** CRC-16/XMODEM of one byte, by its value. Made when the first key is asked for: an import does no work. */
let table: Uint16Array | undefined

const encoder = new TextEncoder()

/**
 * The slot of a key, as Redis computes it (Redis Cluster specification, "Key distribution model"): what stands between the first `{` and
 * the next `}`, where that is anything, else the whole key.
 */
export function keySlot(key: string): number {
  const crcOf = (table ??= crcTable())
  const text = hashTag(key)
  let crc = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code > 0x7f) return crcOfBytes(encoder.encode(text), crcOf) % SLOTS
    // ASCII, as most keys are, needs no copy.
    crc = ((crc << 8) & 0xffff) ^ (crcOf[(crc >> 8) ^ code] ?? 0)
  }
  return crc % SLOTS
}

function crcOfBytes(bytes: Uint8Array, crcOf: Uint16Array): number {
  let crc = 0
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (crcOf[(crc >> 8) ^ byte] ?? 0)
  return crc
}

function hashTag(key: string): string {
  const from = key.indexOf('{')
  if (from === -1) return key
  const to = key.indexOf('}', from + 1)
  return to === -1 || to === from + 1 ? key : key.slice(from + 1, to)
}

function crcTable(): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 8
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
    return crc
  })
}
