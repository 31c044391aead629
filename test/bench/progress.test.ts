import { expect, test } from 'vitest'
import { progress } from '../../bench/lib/progress.ts'

/** A stream that remembers. */
function stream(isTTY: boolean, columns = 20) {
  let written = ''
  return {
    isTTY,
    columns,
    write(text: string | Uint8Array) {
      written += String(text)
      return true
    },
    get written() {
      return written
    },
  }
}

test('on a terminal each step overwrites the one before, in one line, and nothing of it stays', () => {
  const terminal = stream(true)
  const line = progress(terminal)
  for (const text of ['response-cache: round 15 of 15', 'hit: round 1 of 15']) line.show(text)
  line.clear()
  const [nothing, ...steps] = terminal.written.split('\r\u001B[2K')
  expect([nothing, steps]).toEqual(['', ['response-cache: rou', 'hit: round 1 of 15', '']])
  expect(terminal.written).not.toContain('\n')
})

test('in a pipe there is none', () => {
  const pipe = stream(false)
  const line = progress(pipe)
  line.show('hit: round 1 of 15')
  line.clear()
  expect(pipe.written).toBe('')
})
