/** Text that is safe inside of an element and of an attribute. */
export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** @returns a coordinate, short: a tenth of a pixel is more than anybody sees */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/** One line of text. `style` is a class of the picture's style sheet. */
export function textAt(x: number, y: number, content: string, style = '', anchor: 'start' | 'middle' | 'end' = 'start'): string {
  const classes = style === '' ? '' : ` class="${style}"`
  const anchored = anchor === 'start' ? '' : ` text-anchor="${anchor}"`
  return `<text x="${px(x)}" y="${px(y)}"${classes}${anchored}>${escape(content)}</text>`
}
