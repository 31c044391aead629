import { cross, filled, hollow, type Shape } from './marks.ts'

/** Where the marks begin: after the longest name. */
const MARKS_AT = 336
const MARK_WIDTH = 104

/** What the picture is, and what its marks mean. */
export function legend(windowMs: number): string {
  const scale = `Log scale; shorter is better. In the strip at the right of each panel no answer came within ${windowMs / 1_000} s.`
  return [
    '<text class="h1" x="0" y="18">How long a get takes when Redis is sick</text>',
    `<text class="s" x="0" y="35">A fresh process for each fault and each library asks twice. ${scale}</text>`,
    line(54, 'd', 'circle', 'defaults'),
    line(71, 'b', 'square', "best documented settings (fastmiss: connection: 'reuse')"),
  ].join('\n')
}

function line(y: number, style: 'd' | 'b', shape: Shape, name: string): string {
  const middle = y - 4
  const items = [
    [filled(6, middle, shape), 'first answer'],
    [hollow(6, middle, shape), 'second answer'],
    // The cross of a shape stands beside the middle: put it back.
    [cross(shape === 'circle' ? 11 : 1, middle, shape), 'never'],
  ].map(([mark, text], index) => `<g transform="translate(${MARKS_AT + index * MARK_WIDTH} 0)">${mark}<text x="16" y="${y}">${text}</text></g>`)
  return `<g class="${style}"><text x="0" y="${y}">${name}</text>${items.join('')}</g>`
}
