import { createCache } from 'fastmiss'
import { serveHere } from '../../runtimes/support/serve-here.ts'
import { conformanceApp } from './app.ts'

/** The app behind this runtime's own server, until the process is ended. */
const [, , url = '', namespace = ''] = process.argv
const answer = conformanceApp(createCache({ url, namespace, timeout: 10_000 }))
console.log((await serveHere((request) => answer(request))).origin)
