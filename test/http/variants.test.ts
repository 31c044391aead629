import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseVariants, variantLine, variantsHead, widenSelectors } from '../../src/http/variants.ts'

const part = (digit: string): string => digit.repeat(64)

describe('a list of variants', () => {
  test('is read as it was added to, whatever the order, and a variant that was added twice keeps its first place', () => {
    const text = [
      variantsHead('k'),
      variantLine(part('a'), ['accept']),
      variantLine(part('b'), ['accept', 'cookie:any thing']),
      variantLine(part('a'), ['accept']),
    ]
    expect(parseVariants(text.join(''), 'k')).toEqual({
      parts: new Map([
        [part('a'), ['accept']],
        [part('b'), ['accept', 'cookie:any thing']],
      ]),
      selectors: [['accept'], ['accept', 'cookie:any thing']],
    })
  })
  test('of another key, or of another version, is none', () => {
    expect(parseVariants(variantsHead('k'), 'k')).toEqual({ parts: new Map(), selectors: [] })
    expect(parseVariants(variantsHead('other'), 'k')).toBeUndefined()
    expect(parseVariants('[1,"k"]', 'k')).toBeUndefined()
  })
  test.each(['', '{}', '[]', '[1]', `["${part('a')}",1]`, '["a"]', `["${part('a')}","A"]`, `["${part('a')}",""]`, `["${part('a')}","a b"]`])(
    'with the line %j is none',
    (line) => {
      expect(parseVariants(`${variantsHead('k')}\n${line}`, 'k')).toBeUndefined()
    },
  )
  test('is never more than none, whatever it is', () => {
    fc.assert(fc.property(fc.string(), (text) => parseVariants(text, 'k') === undefined))
  })
  test('makes what selects only longer', () => {
    expect(widenSelectors(parseVariants(variantsHead('k') + variantLine(part('a'), ['b']), 'k'), ['a'])).toEqual(['a', 'b'])
    expect(widenSelectors(undefined, ['a'])).toEqual(['a'])
  })
})
