import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('wrangler accepts the Worker for deployment', { timeout: 120_000 }, async () => {
  const out = await mkdtemp(join(tmpdir(), 'fastmiss-deploy-'))
  try {
    const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1' }
    const { stdout } = await promisify(execFile)('npx', ['wrangler', 'deploy', '--dry-run', '--outdir', out], { env })
    expect(stdout).toContain('Total Upload')
    expect(stdout).toContain('--dry-run: exiting now')
  } finally {
    await rm(out, { recursive: true, force: true })
  }
})
