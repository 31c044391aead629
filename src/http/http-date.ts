const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec'
const TIME = '(\\d\\d):(\\d\\d):(\\d\\d)'
const FIXDATE = new RegExp(`^(?:mon|tue|wed|thu|fri|sat|sun), (\\d\\d) ([a-z]{3}) (\\d{4}) ${TIME} gmt$`)
const RFC850 = new RegExp(`^(?:mon|tues|wednes|thurs|fri|satur|sun)day, (\\d\\d)-([a-z]{3})-(\\d\\d) ${TIME} gmt$`)
const ASCTIME = new RegExp(`^(?:mon|tue|wed|thu|fri|sat|sun) ([a-z]{3}) ([ \\d]\\d) ${TIME} (\\d{4})$`)

/**
 * One of the three forms of HTTP-date (RFC 9110 §5.6.7), in any case (RFC 9111 §4.2).
 *
 * @param now epoch ms; a two-digit year more than 50 years ahead of it lies in the past
 * @returns epoch ms, or undefined for anything else, other time zones included
 */
export function parseHttpDate(text: string | null, now: number): number | undefined {
  if (text === null) return undefined
  const lower = text.toLowerCase()
  const fixdate = FIXDATE.exec(lower)
  if (fixdate) return toInstant(fixdate[3], fixdate[2], fixdate[1], fixdate.slice(4))
  const asctime = ASCTIME.exec(lower)
  if (asctime) return toInstant(asctime[6], asctime[1], asctime[2], asctime.slice(3, 6))
  const short = RFC850.exec(lower)
  if (!short) return undefined
  const thisYear = new Date(now).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + Number(short[3])
  return toInstant(year > thisYear + 50 ? year - 100 : year, short[2], short[1], short.slice(4))
}

function toInstant(year: unknown, monthName: string | undefined, dayText: unknown, time: readonly string[]): number | undefined {
  const month = MONTHS.indexOf(monthName ?? '') / 3
  const [hours, minutes, seconds] = time.map(Number) as [number, number, number]
  const day = Number(dayText)
  // A leap second counts as the last second of its minute.
  const at = Date.UTC(Number(year), month, day, hours, minutes, Math.min(seconds, 59))
  return Number.isInteger(month) && hours < 24 && minutes < 60 && seconds <= 60 && new Date(at).getUTCDate() === day ? at : undefined
}
