/** Characters of what others say that are shown. */
const MAX_LENGTH = 1_000

/**
 * What somebody else said, such as a server, as a part of one line: without what a terminal would obey (colours, its title, a cursor that goes
 * up), without line ends that would make a line of their own, and without what turns the direction of writing.
 */
export function oneLine(text: string): string {
  const shown = text.replaceAll(/[\p{Cc}\u2028-\u202E\u2066-\u2069]+/gu, ' ')
  return shown.length > MAX_LENGTH ? `${shown.slice(0, MAX_LENGTH)}…` : shown
}
