import { arityError, type Command, type Commands } from '../command.ts'
import { type Bytes, RedisError } from '../reply.ts'

/**
 * Makes one command of several that share their first word.
 *
 * @param name the first word
 * @param byWord the commands by their second word; their arity counts both
 */
export function subcommands(name: string, byWord: Commands): Commands {
  function find([word = '', ...args]: readonly Bytes[]): Command | RedisError {
    const found = Object.hasOwn(byWord, word.toUpperCase()) ? byWord[word.toUpperCase()] : undefined
    if (found === undefined) return new RedisError(`ERR unknown subcommand '${word.slice(0, 128)}'. Try ${name} HELP.`)
    return fitsArity(found.arity, args.length + 2) ? found : arityError(`${name}|${word}`)
  }
  const command: Command = {
    arity: -2,
    refuse: (args) => {
      const found = find(args)
      return found instanceof RedisError ? found : undefined
    },
    run(call) {
      const found = find(call.args)
      if (found instanceof RedisError) throw found
      return found.run({ ...call, args: call.args.slice(1) })
    },
  }
  return { [name]: command }
}

/** @param words how many there are, the name included */
export function fitsArity(arity: number, words: number): boolean {
  return arity >= 0 ? words === arity : words >= -arity
}
