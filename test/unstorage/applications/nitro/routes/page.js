let made = 0

export default defineCachedEventHandler(() => `page ${process.pid} ${(made += 1)}`, { name: 'page', maxAge: 60, swr: false })
