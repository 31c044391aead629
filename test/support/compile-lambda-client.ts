// Installs Lambda's own runtime client and compiles its native part as it stands, without the optimizer and against the system's
// libcurl: the package's scripts configure and build a libcurl first, which takes five minutes of one core where this takes some seconds.
// Needs g++ and the headers of libcurl; Node's come with its npm package.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const HOME = 'test/lambda/client'
const CLIENT = `${HOME}/node_modules/aws-lambda-ric`
const NODE_HEADERS = `node_modules/node/node_modules/node-${process.platform}-${process.arch}/include/node`

await run('npm', ['ci', '--prefix', HOME, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
const directory = await mkdtemp(join(tmpdir(), 'fastmiss-lambda-client-'))
try {
  await run('tar', ['-xJf', `${CLIENT}/deps/aws-lambda-cpp.tar.xz`, '--no-same-owner', '-C', directory])
  await writeVersion(directory)
  const sources = [...['logging', 'runtime', 'version'].map((name) => join(directory, 'src', `${name}.cpp`)), `${CLIENT}/src/native/rapid-client.cc`]
  const objects = await Promise.all(sources.map((source, index) => compile(source, join(directory, `${index}.o`))))
  const addon = join(directory, 'rapid-client.node')
  await run('g++', ['-shared', '-o', addon, ...objects, '-lcurl', '-pthread'])
  // What waits for it sees the whole file or none.
  await writeFile(`${CLIENT}/rapid-client.part`, await readFile(addon))
  await rename(`${CLIENT}/rapid-client.part`, `${CLIENT}/rapid-client.node`)
} finally {
  await rm(directory, { recursive: true, force: true })
}

async function compile(source: string, object: string): Promise<string> {
  const includes = [join(directory, 'include'), NODE_HEADERS, `${HOME}/node_modules/node-addon-api`].map((path) => `-I${path}`)
  const settings = ['-std=c++20', '-fPIC', '-O0', '-w', '-DNAPI_CPP_EXCEPTIONS', '-DAWS_LAMBDA_LOG=0', '-DBUILDING_NODE_EXTENSION']
  await run('g++', [...settings, ...includes, '-c', source, '-o', object])
  return object
}

/** The package's CMake makes it of a template. */
async function writeVersion(home: string): Promise<void> {
  const version = /VERSION ([\d.]+)/.exec(await readFile(join(home, 'CMakeLists.txt'), 'utf8'))?.[1] ?? '0.0.0'
  const [major = '0', minor = '0', patch = '0'] = version.split('.')
  const parts: Readonly<Record<string, string>> = { '': version, _MAJOR: major, _MINOR: minor, _PATCH: patch }
  const template = await readFile(join(home, 'src/version.cpp.in'), 'utf8')
  const text = template.replaceAll(/@PROJECT_VERSION(\w*)@/g, (_, part: string) => parts[part] ?? '0')
  await writeFile(join(home, 'src/version.cpp'), text)
}
