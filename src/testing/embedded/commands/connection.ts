import { arityError, type Call, type Commands } from '../command.ts'
import { parseInteger } from '../integer.ts'
import { type Bytes, OK, RedisError, type Reply, syntaxError } from '../reply.ts'
import { checkName, setName } from './client.ts'
import { REDIS_VERSION } from './server.ts'

/** What a connection says about itself. */
export const connection: Commands = {
  HELLO: { arity: -1, isOpen: true, run: hello },
  AUTH: { arity: -2, isOpen: true, run: auth },
  SELECT: { arity: 2, run: select },
  PING: { arity: -1, run: ping },
  ECHO: { arity: 2, run: ({ args: [text = ''] }) => text },
  QUIT: { arity: -1, isOpen: true, isImmediate: true, run: quit },
}

function hello(call: Call): Reply {
  const { session, args } = call
  const [version, ...words] = args
  const protocol = version === undefined ? session.protocol : Number(parseInteger(version, 'ERR Protocol version is not an integer or out of range'))
  if (protocol !== 2 && protocol !== 3) throw new RedisError('NOPROTO unsupported protocol version')
  let name: Bytes | undefined
  for (let at = 0; at < words.length; at++) {
    const option = (words[at] ?? '').toUpperCase()
    if (option === 'AUTH' && at + 2 < words.length) {
      logIn(call, words[at + 1] ?? '', words[at + 2] ?? '')
      at += 2
    } else if (option === 'SETNAME' && at + 1 < words.length) {
      name = words[++at] ?? ''
      checkName(name)
    } else {
      throw new RedisError(`ERR Syntax error in HELLO option '${words[at]}'`)
    }
  }
  if (!session.isTrusted) {
    throw new RedisError(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
    )
  }
  if (name !== undefined) setName(session, name)
  session.protocol = protocol
  return new Map<Bytes, Reply>([
    ['server', 'redis'],
    ['version', REDIS_VERSION],
    ['proto', protocol],
    ['id', session.id],
    ['mode', 'standalone'],
    ['role', 'master'],
    ['modules', []],
  ])
}

function auth(call: Call): Reply {
  const { args, state } = call
  if (args.length > 2) throw syntaxError()
  const [password = ''] = args.slice(-1)
  if (args.length === 1 && state.settings.requirepass === '') {
    throw new RedisError(
      'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    )
  }
  logIn(call, args.length === 1 ? 'default' : (args[0] ?? ''), password)
  return OK
}

/** There is one user, `default`; without a password set, any is right. */
function logIn({ session, state: { settings } }: Call, user: Bytes, password: Bytes): void {
  if (user !== 'default' || (settings.requirepass !== '' && password !== settings.requirepass)) {
    throw new RedisError('WRONGPASS invalid username-password pair or user is disabled.')
  }
  session.isTrusted = true
}

function select({ session, state, args: [index = ''] }: Call): Reply {
  const database = Number(parseInteger(index))
  if (state.databases[database] === undefined) throw new RedisError('ERR DB index is out of range')
  session.database = database
  return OK
}

function ping({ args }: Call): Reply {
  if (args.length > 1) throw arityError('ping')
  return args[0] ?? { status: 'PONG' }
}

function quit({ session }: Call): Reply {
  session.isClosing = true
  return OK
}
