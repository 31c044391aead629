import { expect, test } from 'vitest'
import { type Measure, ratios } from '../../bench/lib/pairs.ts'

test('what one leaves behind for the next is taken out of their ratio', async () => {
  let measured = 0
  // Each second measurement collects the garbage of two.
  const costs =
    (own: number): Measure =>
    async () =>
      own * ((measured += 1) % 2 === 0 ? 3 : 1)
  const [again, dearer] = await ratios({ base: costs(10), dearer: costs(12) }, 'base', 5, () => {})
  expect([again?.name, again?.ratio, dearer?.ratio]).toEqual(['base (again)', 1, 1.2])
})

test('of an even number it is between the two in the middle, and the quartiles are where they fall', async () => {
  const base: Measure = async () => 1
  let round = 0
  const rising: Measure = async () => Math.ceil((round += 1) / 2)
  // One measurement to warm up; then two rounds each of 1, 2, 3 and 4.
  round = -1
  const rows = await ratios({ base, rising }, 'base', 8, () => {})
  expect(rows[1]).toMatchObject({ ratio: 2.5, low: 1.75, high: 3.25, cost: 2.5 })
})
