/** `node import-child.ts SPECIFIER`: prints how long its import took, ms. */
const startedAt = performance.now()
await import(process.argv[2] ?? '')
console.log(performance.now() - startedAt)
