import { expect, test } from 'vitest'
import { createNodeAddress } from '../../src/options/node-address.ts'

const announced = { host: '10.0.0.1', port: 7_000 }

test('a node is reached where it announces itself, or where nodeAddress says', () => {
  expect(createNodeAddress(undefined)(announced)?.reached).toEqual(announced)
  expect(createNodeAddress({ '10.0.0.1:7000': 'proxy.example:1' })(announced)?.reached).toEqual({ host: 'proxy.example', port: 1 })
  expect(createNodeAddress((name) => (name === '10.0.0.1:7000' ? '[::1]:2' : undefined))(announced)?.reached).toEqual({ host: '::1', port: 2 })
  expect(createNodeAddress(() => undefined)(announced)?.reached).toEqual(announced)
  expect(createNodeAddress({})({ host: 'constructor', port: 1 })?.reached.host).toBe('constructor')
})

test('a function that gives nonsense, or throws, has no place for the node', () => {
  const throwing = (): string => {
    throw new Error('mine')
  }
  for (const nodeAddress of [() => 'nonsense', () => 7 as never, throwing]) expect(createNodeAddress(nodeAddress)(announced)).toBeUndefined()
})

test.each([7, 'h:1', ['h:1'], { 'a:1': 'nonsense' }, { 'a:1': 7 }])('nodeAddress: %j is refused by name', (given) => {
  expect(() => createNodeAddress(given as never)).toThrow(/^nodeAddress: /)
})
