import { describe, isObject, MAX_DELAY, refuseUnknown } from '../options/checks.ts'

const MAX_PORT = 65_535
/** Bytes of a dose: 2 GiB, which one buffer holds. */
const MAX_BYTES = 2_147_483_647

/** @throws TypeError where there is no such fault, for callers without types: a switch that does nothing would pass for an outage */
export function checkKnown(method: string, fault: string, known: readonly string[]): void {
  if (!known.includes(fault)) throw new TypeError(`${method}: unknown fault '${String(fault)}'. Known: ${known.join(', ')}`)
}

/** @throws TypeError where it is there and none of these */
export function checkOneOf(name: string, value: unknown, known: readonly string[]): void {
  if (value === undefined || (known as readonly unknown[]).includes(value)) return
  throw new TypeError(`${name}: expected ${known.map((one) => `'${one}'`).join(' or ')}`)
}

/** @throws TypeError where they are no object, or hold an unknown option */
export function checkOptions(given: unknown, names: readonly string[]): void {
  if (!isObject(given)) throw new TypeError(`options: expected an object, got ${describe(given)}`)
  refuseUnknown('', given, names)
}

/** @throws RangeError where it is there and no port of TCP */
export function checkPort(port: unknown): void {
  checkCount('port', port, 0, MAX_PORT)
}

/** @throws RangeError where it is there and no whole number in these bounds */
export function checkCount(name: string, value: unknown, least: number, most: number = MAX_DELAY): void {
  if (value === undefined || (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most)) return
  throw new RangeError(`${name}: expected a whole number from ${least} to ${most}, got ${describe(value)}`)
}

/** A password, as a command line takes it. Its value is not told. @throws TypeError where it is there and no such text */
export function checkPassword(name: string, value: unknown): void {
  if (value === undefined || (typeof value === 'string' && !value.includes('\0'))) return
  throw new TypeError(`${name}: expected a string without a NUL`)
}

/** @throws TypeError where they are there and no arguments of a command line */
export function checkArguments(args: unknown): void {
  if (args === undefined || (Array.isArray(args) && args.every((one) => typeof one === 'string'))) return
  throw new TypeError("args: expected an array of strings, such as ['--maxmemory', '10mb']")
}

/**
 * The dose of a fault. What is wrong with it would be seen only by the connection that it is for, and end this process there.
 *
 * @param least bytes
 * @throws TypeError or RangeError
 */
export function checkDose(given: { readonly delay?: unknown; readonly bytes?: unknown }, names: readonly string[], least = 0): void {
  checkOptions(given, names)
  const { delay, bytes } = given
  checkCount('bytes', bytes, least, MAX_BYTES)
  if (delay !== undefined && !(typeof delay === 'number' && delay >= 0 && delay <= MAX_DELAY)) {
    throw new RangeError(`delay: expected milliseconds from 0 to ${MAX_DELAY}, got ${describe(delay)}`)
  }
}
