import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, resolve } from 'node:path'
import { type Outcome, startRuntimeApi } from './runtime-api.ts'

/** AWS's own runtime client is compiled when it is installed, so that it does not come with `npm ci`. */
const CLIENT = resolve('test/lambda/client/node_modules/aws-lambda-ric/index.mjs')

/** A Lambda function in a process of its own. */
export interface LocalLambda {
  invoke(event: unknown, timeout?: number): Promise<Outcome>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Runs a function under Lambda's own runtime client, against a Runtime API on loopback.
 *
 * @param file a module that exports `handler`
 * @param env the function's variables
 */
export async function startLambda(file: string, env: Readonly<Record<string, string>>): Promise<LocalLambda> {
  const api = await startRuntimeApi()
  const name = file.replace(/\.mjs$/, '')
  const child = spawn(process.execPath, [CLIENT], {
    // Lambda's working directory is its task root.
    cwd: dirname(resolve(file)),
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      AWS_LAMBDA_RUNTIME_API: api.address,
      _HANDLER: `${name.slice(dirname(name).length + 1)}.handler`,
      LAMBDA_TASK_ROOT: dirname(resolve(file)),
      AWS_LAMBDA_FUNCTION_NAME: 'test',
      AWS_LAMBDA_FUNCTION_VERSION: '1',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_LOG_GROUP_NAME: 'test',
      AWS_LAMBDA_LOG_STREAM_NAME: 'test',
      ...env,
    },
  })
  const exited = once(child, 'exit')
  void exited.then(() => api.fail(new Error('The function has ended')))
  return {
    invoke: (event, timeout = 3_000) => api.invoke(event, timeout),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
      await api.stop()
    },
  }
}
