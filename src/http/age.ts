import { parseSeconds } from './cache-control.ts'
import { parseHttpDate } from './http-date.ts'

/** When a response was asked for and when its head was there; epoch ms. */
export interface Times {
  readonly requestAt: number
  readonly responseAt: number
}

/** The first member of `Age` in ms; 0 where it is absent or invalid (RFC 9111 §5.1). */
function ageValue(headers: Headers): number {
  const [first = ''] = (headers.get('age') ?? '').split(',')
  return (parseSeconds(first.trim()) ?? 0) * 1000
}

/** How old a response was when it arrived, in ms (RFC 9111 §4.2.3, `corrected_initial_age`). */
export function initialAge(headers: Headers, { requestAt, responseAt }: Times): number {
  const dateAt = parseHttpDate(headers.get('date'), responseAt) ?? responseAt
  return Math.max(0, responseAt - dateAt, ageValue(headers) + Math.max(0, responseAt - requestAt))
}
