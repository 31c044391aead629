/** Where an answer came from: `cache` where a library does not tell which of its layers it was. */
export type Source = 'redis' | 'memory' | 'cache' | 'source'
