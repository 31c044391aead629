let isAnnounced = false

/** Says on standard error, once a process, that no real Redis answers: a test that passes here has not met one. */
export function announceEmbedded(): void {
  if (isAnnounced) return
  isAnnounced = true
  process.stderr.write('fastmiss: no redis-server on PATH: an embedded Redis answers, which knows what a cache uses\n')
}
