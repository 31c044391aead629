import { BODY, type Case, type Step } from '../cases/case.ts'
import { type Seen, SEEN, STEP } from './app.ts'

/** One request to an app, however it is reached. */
export interface Exchange {
  readonly method: string
  readonly host: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Where an app runs. */
export interface Place {
  /** Responses are completed before work that goes on behind them. */
  readonly hasWaitUntil: boolean
  ask(exchange: Exchange): Promise<Answer>
}

/** Goes through the steps of a case, at an origin of its own, up to the first that goes wrong. @returns what went wrong */
export async function runCase({ section, requirement, steps }: Case, host: string, place: Place): Promise<string[]> {
  for (const [index, step] of steps.entries()) {
    const { method = 'GET', path = '/a', ask, say, status, isThrown } = step
    const told = JSON.stringify({ say, status, isThrown })
    const answer = await place.ask({ method, host, path, headers: { [STEP]: told, ...ask } })
    const problems = problemsOf(step, answer, place)
    if (problems.length > 0) return problems.map((problem) => `${section}, ${requirement}, step ${index + 1}: ${problem}`)
  }
  return []
}

/** @returns what is not as the step wants it */
function problemsOf(step: Step, { status, headers, text }: Answer, { hasWaitUntil }: Place): string[] {
  const seen = JSON.parse(headers.get(SEEN) ?? '{}') as Seen
  const wanted = step.answer ?? 200
  const isAsked = step.isAsked === 'behind' ? !hasWaitUntil : step.isAsked
  const hasBody = step.method !== 'HEAD' && wanted !== 304 && wanted < 400 && step.isThrown !== true
  const body = step.body ?? (hasBody ? BODY : undefined)
  return [
    ...(status === wanted ? [] : [`answered ${status} instead of ${wanted}`]),
    ...(seen.isAsked === isAsked ? [] : [`the handler was ${seen.isAsked ? '' : 'not '}asked: ${headers.get('cache-status')}`]),
    ...Object.entries(step.given ?? {}).flatMap(([name, value]) => differs(`asked with ${name}`, seen.given[name] ?? null, value)),
    ...Object.entries(step.has ?? {}).flatMap(([name, value]) => differs(name, headers.get(name), value)),
    ...(body === undefined || text === body ? [] : [`the body was '${text}'`]),
  ]
}

function differs(name: string, found: string | null, wanted: string | RegExp | null): string[] {
  const isWell = wanted instanceof RegExp ? found !== null && wanted.test(found) : found === wanted
  return isWell ? [] : [`${name} was ${found} instead of ${wanted}`]
}
