/**
 * A message about the command line without what may be a secret: a URL or an address with a user, the value of a mistyped option, the
 * token.
 *
 * @param message quotes its words as they are
 * @param args the command line
 */
export function withoutSecrets(message: string, args: readonly string[]): string {
  let shown = message
  const hide = (word: string, replacement: string): void => {
    shown = shown.replaceAll(`'${word}'`, () => `'${replacement}'`)
  }
  for (const [index, arg] of args.entries()) {
    const [, option, value = ''] = /^(--[\w-]+)=(.*)$/s.exec(arg) ?? []
    if (option !== undefined) hide(arg, `${option}=…`)
    if (option === '--token') hide(value, '…')
    if (args[index - 1] === '--token') hide(arg, '…')
    if (/:\/\/|@/.test(arg)) hide(arg, `${/^[a-z]+:(?=\/\/)/i.exec(arg)?.[0] ?? ''}…`)
  }
  return shown
}
