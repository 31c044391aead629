import { createHash } from 'node:crypto'
import type { Argument } from './backend.ts'

/** A flag of Upstash alone, which Redis refuses; @upstash/ratelimit 2.2 sets it in every script. */
const FLAG = 'allow-key-locking'

/** @returns makes commands with scripts fit for a plain Redis; it remembers which script became which */
export function scriptRewriter(): (command: readonly Argument[]) => readonly Argument[] {
  /** SHA-1 of what a client sent, to that of what Redis got: clients compute it themselves. */
  const rewritten = new Map<string, string>()

  function rewriteScript(script: string): string {
    const [shebang = ''] = script.split('\n', 1)
    if (!shebang.startsWith('#!') || !shebang.includes(FLAG)) return script
    const fit = withoutFlag(shebang) + script.slice(shebang.length)
    rewritten.set(sha1(script), sha1(fit))
    return fit
  }

  return (command) => {
    const [name, ...args] = command
    switch (String(name).toUpperCase()) {
      case 'EVAL':
      case 'EVAL_RO':
        return [String(name), rewriteScript(String(args[0])), ...args.slice(1)]
      case 'EVALSHA':
      case 'EVALSHA_RO':
        return [String(name), rewritten.get(String(args[0]).toLowerCase()) ?? String(args[0]), ...args.slice(1)]
      case 'SCRIPT':
        return [String(name), ...args.map((arg) => rewritten.get(String(arg).toLowerCase()) ?? rewriteScript(String(arg)))]
      default:
        return command
    }
  }
}

function withoutFlag(shebang: string): string {
  return shebang.replaceAll(/flags=(\S+)/g, (_, flags: string) => {
    const kept = flags.split(',').filter((flag) => flag !== FLAG)
    return kept.length === 0 ? '' : `flags=${kept.join(',')}`
  })
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
