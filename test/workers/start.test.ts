import { connect } from 'node:net'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { startDemo } from './support/demo.ts'

async function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const answer = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  })
  socket.destroy()
  return answer
}

/** At the root a browser gets the page, and curl the list of routes; no other site turns a switch. */
async function expectPageAndSwitches(origin: string): Promise<void> {
  const page = await fetch(origin, { headers: { accept: 'text/html' } })
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(await (await fetch(origin)).text()).toContain('GET /lookup/:key')
  const turn = (type: string, body: string) => fetch(`${origin}/playground/fault`, { method: 'POST', headers: { 'content-type': type }, body })
  expect((await turn('text/plain', '{"fault":"silent"}')).status).toBe(400)
  expect((await turn('application/json', '{"fault":"nonsense"}')).status).toBe(400)
  expect((await turn('application/json', '{"fault":"refuse"}')).status).toBe(204)
}

test.each([
  [[], 'over TCP', 'tcp'],
  [['--upstash'], "over Upstash's REST", 'http'],
])('the demonstration serves and, interrupted, leaves nothing running: %j', { timeout: 60_000 }, async (args, wire, transport) => {
  const demo = await startDemo(args)
  try {
    expect(demo.text).toContain(wire)
    expect(demo.text.match(/^ {2}curl /gm)).toHaveLength(3)
    const ask = async (path: string, init?: RequestInit) => (await fetch(demo.origin + path, init)).json()
    expect(await ask('/lookup/greeting')).toEqual({ status: 'miss' })
    expect(await ask('/set/greeting', { method: 'PUT', body: 'hello' })).toEqual({ stored: true })
    expect(await ask('/lookup/greeting')).toMatchObject({ status: 'hit', value: 'hello' })
    expect(await ask('/get/greeting')).toEqual({ value: 'hello' })
    expect(await ask('/health')).toMatchObject({ status: 'ok', transport })
    await expectPageAndSwitches(demo.origin)
  } finally {
    await demo.interrupt()
  }
  const redis = /redis:\/\/127\.0\.0\.1:\d+/.exec(demo.text)?.[0] ?? ''
  expect(await isListening(demo.origin)).toBe(false)
  expect(await isListening(redis)).toBe(false)
})

test.each([[[]], [['--upstash']]])(
  'without a redis-server the demonstration has an embedded one, which breaks and mends: %j',
  { timeout: 60_000 },
  async (args) => {
    await using demo = await startDemo(args, { PATH: dirname(process.execPath) })
    expect(demo.text).toMatch(/^Behind it: embedded Redis at redis:/m)
    const lookup = async () => (await fetch(`${demo.origin}/lookup/greeting`)).json()
    const turn = (fault: string) =>
      fetch(`${demo.origin}/playground/fault`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ fault }) })
    const put = await fetch(`${demo.origin}/set/greeting`, { method: 'PUT', body: 'hello' })
    expect(await put.json()).toEqual({ stored: true })
    expect(await lookup()).toMatchObject({ status: 'hit', value: 'hello' })
    expect((await turn('refuse')).status).toBe(204)
    expect(await lookup()).toMatchObject({ status: 'degraded' })
    expect((await turn('healthy')).status).toBe(204)
    await expect.poll(lookup, { timeout: 15_000 }).toMatchObject({ status: 'hit', value: 'hello' })
  },
)
