/** What an API would cache: a small object, 300 bytes of JSON. */
export const VALUE = {
  id: 'usr_8a7f3c21',
  name: 'Ada Lovelace',
  mail: 'ada@example.org',
  roles: ['admin', 'editor'],
  settings: { theme: 'dark', language: 'en', pageSize: 50, beta: true },
  createdAt: '2026-01-31T12:00:00.000Z',
  balance: 1234.56,
  tags: ['mathematics', 'engines', 'poetry'],
}
