import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'

/** Runs what `npm start` runs after the build, in a process group of its own, as a terminal would. */
async function start(...args: readonly string[]) {
  const child = spawn(process.execPath, ['workers/local/start.ts', '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (line.startsWith('Ctrl-C')) break
  }
  const text = lines.join('\n')
  const origin = /at (http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1] ?? ''
  return {
    text,
    origin,
    /** Ctrl-C reaches the whole group. */
    async interrupt() {
      const exited = once(child, 'exit')
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT')
      await exited
    },
    get exitCode() {
      return child.exitCode
    },
  }
}

async function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  }).finally(() => socket.destroy()) as Promise<boolean>
}

test.each([[[], 'over TCP', 'tcp'], [['--upstash'], "over Upstash's REST", 'http']])(
  'the demonstration serves and, interrupted, leaves nothing running: %j',
  { timeout: 60_000 },
  async (args, wire, transport) => {
    const demo = await start(...args)
    try {
      expect(demo.text).toContain(wire)
      expect(demo.text.match(/^ {2}curl /gm)).toHaveLength(3)
      const ask = async (path: string, init?: RequestInit) => (await fetch(demo.origin + path, init)).json()
      expect(await ask('/lookup/greeting')).toEqual({ status: 'miss' })
      expect(await ask('/set/greeting', { method: 'PUT', body: 'hello' })).toEqual({ stored: true })
      expect(await ask('/lookup/greeting')).toMatchObject({ status: 'hit', value: 'hello' })
      expect(await ask('/get/greeting')).toEqual({ value: 'hello' })
      expect(await ask('/health')).toMatchObject({ status: 'ok', transport })
    } finally {
      await demo.interrupt()
    }
    const redis = /redis:\/\/127\.0\.0\.1:\d+/.exec(demo.text)?.[0] ?? ''
    expect(await isListening(demo.origin)).toBe(false)
    expect(await isListening(redis)).toBe(false)
  },
)
