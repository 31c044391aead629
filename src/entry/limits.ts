/** Whether the UTF-8 form of a text is longer than a limit; counts bytes only where the length leaves it open. */
export function byteLengthExceeds(text: string, limit: number): boolean {
  if (text.length > limit) return true
  // A UTF-16 unit is three bytes at most.
  if (text.length * 3 <= limit) return false
  return new TextEncoder().encode(text).length > limit
}
