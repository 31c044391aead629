/** Characters. What goes out in one turn is written in texts of so many and a little more, so that a full socket is seen in between. */
const TEXT_FROM = 16_384

/** Characters. To count the bytes of so few is cheaper here than a call into Node. */
const SHORT = 32

/**
 * One call that node-redis does not have: `sendPipeline`. Its `sendCommand` makes a promise, three closures and a copy of the options
 * for each command, and hands its socket a chunk for each. A pipeline brings two functions for all of its replies, and its commands go
 * out as one text: `npm run bench -- hit verbs many` shows what that saves. Queue, socket and decoder stay the driver's own. Bytes go out
 * as they are: a cache writes none, and the tests' gateway to Upstash does.
 *
 * By file: a text that stands there once, and what stands there instead. The build fails where a new version no longer has it.
 */
export const PIPELINE = {
  'client/index.js': [
    [
      '    sendCommand(args, options) {',
      `    sendPipeline(commands, resolve, reject) {
        if (!this.#socket.isOpen) throw new errors_1.ClientClosedError();
        for (const args of commands) this.#queue.addWithCallbacks(args, resolve, reject);
        this.#scheduleWrite();
    }
    sendCommand(args, options) {`,
    ],
  ],
  'client/commands-queue.js': [
    [
      '    addCommand(args, options) {',
      `    addWithCallbacks(args, resolve, reject) {
        this.#toWrite.push({
            args,
            chainId: undefined,
            abort: undefined,
            timeout: undefined,
            resolve,
            reject,
            channelsCounter: undefined,
            typeMapping: undefined,
            slotNumber: undefined,
        });
    }
    addCommand(args, options) {`,
    ],
  ],
  'client/socket.js': [
    [
      `            for (const args of iterable) {
                for (const toWrite of args) {
                    this.#socket.write(toWrite);
                }
                if (this.#socket.writableNeedDrain)
                    break;
            }`,
      `            let text = '';
            for (const args of iterable) {
                for (const part of args) {
                    if (typeof part === 'string') text += part;
                    else {
                        this.#socket.write(text);
                        this.#socket.write(part);
                        text = '';
                    }
                }
                if (text.length < ${TEXT_FROM}) continue;
                this.#socket.write(text);
                text = '';
                if (this.#socket.writableNeedDrain)
                    break;
            }
            if (text !== '') this.#socket.write(text);`,
    ],
  ],
  'RESP/encoder.js': [
    [
      `const CRLF = '\\r\\n';`,
      `const CRLF = '\\r\\n';
function bytesOf(text) {
    const { length } = text;
    if (length > ${SHORT}) return Buffer.byteLength(text);
    for (let at = 0; at < length; at += 1) if (text.charCodeAt(at) > 127) return Buffer.byteLength(text);
    return length;
}`,
    ],
    ['Buffer.byteLength(arg)', 'bytesOf(arg)'],
  ],
}
