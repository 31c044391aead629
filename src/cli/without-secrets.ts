/**
 * A message about the command line without what may be a secret. Whatever was typed may be one: a password behind the wrong option, a
 * URL where a command belongs. So a word is quoted back only where this program knows it, or where it is an option in plain letters.
 *
 * @param message quotes words of the command line as they are, between single quotes
 * @param args the command line
 * @param known commands and options
 */
export function withoutSecrets(message: string, args: readonly string[], known: readonly string[]): string {
  let shown = message
  const hide = (word: string, replacement: string): void => {
    shown = shown.replaceAll(`'${word}'`, () => `'${replacement}'`)
  }
  for (const arg of args) {
    const [, option, value] = /^(--?[\w-]+)=(.*)$/s.exec(arg) ?? []
    hide(arg, option === undefined ? shownWord(arg, known) : `${shownWord(option, known)}=…`)
    // The value of a known option is quoted without its name.
    if (value !== undefined) hide(value, '…')
    if (/^-[^-]/.test(arg)) hide(arg.slice(2), '…')
  }
  return shown
}

/** Letters of an option, in words. */
const PLAIN_OPTION = /^--[a-z]{1,16}(-[a-z]{1,16}){0,3}$/

function shownWord(word: string, known: readonly string[]): string {
  if (known.includes(word)) return word
  if (!word.startsWith('-')) return `${/^[a-z]+:(?=\/\/)/i.exec(word)?.[0] ?? ''}…`
  // `-pSECRET`: an option of one letter, and its value.
  if (!word.startsWith('--')) return word.length <= 2 ? word : `${word.slice(0, 2)}…`
  // `--tokenSECRET`: the sign between them was forgotten.
  const meant = known.find((option) => option.startsWith('--') && word.startsWith(option))
  if (meant !== undefined) return `${meant}…`
  return PLAIN_OPTION.test(word) ? word : '--…'
}
