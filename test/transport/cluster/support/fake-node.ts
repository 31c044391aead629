import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** A node of a cluster that says what a test wants, in bytes of RESP. */
export interface FakeNode extends AsyncDisposable {
  readonly port: number
  /** Every command that came, oldest first. */
  readonly commands: readonly (readonly string[])[]
  readonly connections: number
}

/** @param answer to each command; the commands come one by one */
export async function fakeNode(answer: (command: readonly string[], node: FakeNode) => string): Promise<FakeNode> {
  const commands: (readonly string[])[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    let received = ''
    socket.on('error', () => {}).setEncoding('latin1')
    socket.on('data', (text: string) => {
      const { requests, rest } = split(received + text)
      received = rest
      commands.push(...requests)
      socket.write(requests.map((command) => answer(command, node)).join(''), 'latin1')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const node: FakeNode = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    commands,
    get connections() {
      return connections
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return node
}

/** The reply to CLUSTER SLOTS. @param ranges first slot, last slot, host, port, id */
export function slotsReply(...ranges: readonly (readonly [from: number, to: number, host: string | null, port: number, id: string])[]): string {
  const one = ([from, to, host, port, id]: (typeof ranges)[number]): string =>
    `*3\r\n:${from}\r\n:${to}\r\n*3\r\n${host === null ? '$-1\r\n' : `$${host.length}\r\n${host}\r\n`}:${port}\r\n$${id.length}\r\n${id}\r\n`
  return `*${ranges.length}\r\n${ranges.map(one).join('')}`
}

function split(text: string): { requests: string[][]; rest: string } {
  const requests: string[][] = []
  let at = 0
  for (;;) {
    const read = request(text, at)
    if (read === undefined) return { requests, rest: text.slice(at) }
    requests.push(read.words)
    at = read.end
  }
}

function request(text: string, from: number): { words: string[]; end: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text.slice(from))
  if (head === null) return undefined
  let at = from + head[0].length
  const words: string[] = []
  for (let index = 0; index < Number(head[1]); index += 1) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at))
    if (size === null) return undefined
    at += size[0].length
    const word = text.slice(at, at + Number(size[1]))
    if (text.length < at + Number(size[1]) + 2) return undefined
    words.push(word)
    at += Number(size[1]) + 2
  }
  return { words, end: at }
}
