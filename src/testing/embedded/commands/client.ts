import { arityError, type Call, type Commands } from '../command.ts'
import { type Bytes, OK, RedisError, type Reply } from '../reply.ts'
import type { Session } from '../session.ts'
import { subcommands } from './subcommands.ts'

/** CLIENT. */
export const client: Commands = subcommands('CLIENT', {
  ID: { arity: 2, run: ({ session }) => session.id },
  GETNAME: { arity: 2, run: ({ session }) => (session.name === '' ? null : session.name) },
  SETNAME: { arity: 3, run: ({ session, args: [name = ''] }) => setName(session, name) },
  SETINFO: { arity: 4, run: setInfo },
  INFO: { arity: 2, run: ({ session, state }) => describe(session, state.now()) },
  LIST: { arity: -2, run: list },
})

/** @throws RedisError where CLIENT LIST could not be read any more with such a name */
export function setName(session: Session, name: Bytes): Reply {
  checkName(name)
  session.name = name
  return OK
}

/** @throws RedisError where it is none */
export function checkName(name: Bytes): void {
  refuseSpaces(name, 'Client names')
}

function setInfo({ session, args: [name = '', value = ''] }: Call): Reply {
  const attribute = name.toLowerCase()
  if (attribute !== 'lib-name' && attribute !== 'lib-ver') throw new RedisError(`ERR Unrecognized option '${name}'`)
  refuseSpaces(value, attribute)
  session.library[attribute === 'lib-name' ? 'name' : 'version'] = value
  return OK
}

function refuseSpaces(text: Bytes, what: string): void {
  if (/[^!-~]/.test(text)) throw new RedisError(`ERR ${what} cannot contain spaces, newlines or special characters.`)
}

function list({ args, state }: Call): Reply {
  if (args.length > 0) throw arityError('client|list')
  return [...state.sessions].map((session) => describe(session, state.now())).join('')
}

/** The fields of Redis that mean something here. */
function describe(session: Session, now: number): Bytes {
  const fields = {
    id: session.id,
    addr: session.address,
    name: session.name,
    age: Math.floor((now - session.openedAt) / 1_000),
    flags: session.transaction === undefined ? 'N' : 'x',
    db: session.database,
    multi: session.transaction?.requests.length ?? -1,
    cmd: session.command,
    user: 'default',
    resp: session.protocol,
    'lib-name': session.library.name,
    'lib-ver': session.library.version,
  }
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}\n`
}
