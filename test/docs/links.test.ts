import { existsSync, globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const LINK = /\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]+))?\)/g

/** The anchors that GitHub gives to the headings of a page. */
async function anchorsOf(page: string): Promise<readonly string[]> {
  const text = (await readFile(page, 'utf8')).replaceAll(/^```.*?^```$/gms, '')
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test('every link of a page leads to a file that is there, and to a heading of it', async () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/*.md')]
  const broken: string[] = []
  let followed = 0
  for (const page of pages) {
    for (const [link, path = '', anchor] of (await readFile(page, 'utf8')).matchAll(LINK)) {
      const target = path === '' ? page : join(dirname(page), path)
      followed += 1
      if (!existsSync(target) || (anchor !== undefined && !(await anchorsOf(target)).includes(anchor))) broken.push(`${page}: ${link}`)
    }
  }
  expect(broken).toEqual([])
  expect(followed).toBeGreaterThan(50)
})

test('the README leads to every page', async () => {
  const text = await readFile('README.md', 'utf8')
  const pages = globSync('docs/*.md')
  expect(pages.filter((page) => !text.includes(`](${page}`))).toEqual([])
})
