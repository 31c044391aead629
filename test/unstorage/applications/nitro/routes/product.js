let made = 0

const product = defineCachedFunction(async (id) => `${id} ${process.pid} ${(made += 1)}`, { name: 'product', maxAge: 60, getKey: (id) => id })

export default defineEventHandler(() => product('apple'))
