import { startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { reproduce } from './support/reproduction.ts'

/** The script of keyv #2068, with the address of a Redis that is up; the last lines print what it found. Only the import differs. */
const script = (imported: string, url: string): string => `
import ${imported};

const keyv = createKeyvNonBlocking('${url}');
const prefix = \`keyv-concurrent-connect-\${Date.now()}\`;
const keys = Array.from({ length: 50 }, (_, index) => \`\${prefix}:\${index}\`);
const errors = [];

keyv.on('error', error => {
  errors.push({
    name: error.constructor.name,
    message: error.message,
  });
});

const results = await Promise.allSettled(
  keys.map((key, index) => keyv.set(key, index, 60_000)),
);

const values = await Promise.all(keys.map(key => keyv.get(key)));

console.log('reported as stored', results.filter(({ status, value }) => status === 'fulfilled' && value === true).length)
console.log('stored', values.filter((value, index) => value === index).length)
console.log('errors', errors.length)
await keyv.disconnect()
`

test('keyv #2068 with @keyv/redis 5: of fifty concurrent first sets one is stored, and all are reported as stored', { timeout: 30_000 }, async () => {
  await using redis = await startRedis()
  const { lines } = await reproduce(script(`{ createKeyvNonBlocking } from '@keyv/redis'`, redis.url), { patience: 20_000 })
  expect(lines).toEqual(['reported as stored 50', 'stored 1', 'errors 49'])
})

test('keyv #2068: all fifty are stored, over one connection', { timeout: 30_000 }, async () => {
  await using redis = await startRedis()
  const imported = `{ createKeyv as createKeyvNonBlocking } from 'fastmiss/keyv'`
  const { lines, stderr, dials, code } = await reproduce(script(imported, redis.url), { patience: 20_000 })
  expect(lines).toEqual(['reported as stored 50', 'stored 50', 'errors 0'])
  expect({ stderr, dials, code }).toEqual({ stderr: '', dials: 1, code: 0 })
})
