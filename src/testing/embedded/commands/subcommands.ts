import { arityError, type Commands } from '../command.ts'
import { RedisError } from '../reply.ts'

/**
 * Makes one command of several that share their first word.
 *
 * @param name the first word
 * @param byWord the commands by their second word; their arity counts both
 */
export function subcommands(name: string, byWord: Commands): Commands {
  const command: Commands[string] = {
    arity: -2,
    run(call) {
      const [word = '', ...args] = call.args
      const found = Object.hasOwn(byWord, word.toUpperCase()) ? byWord[word.toUpperCase()] : undefined
      if (found === undefined) throw new RedisError(`ERR unknown subcommand '${word.slice(0, 128)}'. Try ${name} HELP.`)
      if (!fitsArity(found.arity, args.length + 2)) throw arityError(`${name}|${word}`)
      return found.run({ ...call, args })
    },
  }
  return { [name]: command }
}

/** @param words how many there are, the name included */
export function fitsArity(arity: number, words: number): boolean {
  return arity >= 0 ? words === arity : words >= -arity
}
