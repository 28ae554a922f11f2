'use strict'

const { encoded } = require('./arguments.js')
const { run } = require('./running.js')

/** Pull requests as an Arrow IPC stream, whose parts are read while they are taken. */
class Facts {
  #session
  #arguments
  #signal

  constructor(session, given, { signal } = {}) {
    this.#session = session
    this.#arguments = encoded(given)
    this.#signal = signal
  }

  async *[Symbol.asyncIterator]() {
    const parts = await run(this.#session, this.#signal, (used) => used.facts(this.#arguments))
    for (;;) {
      const part = await run(this.#session, this.#signal, () => parts.next())
      if (part === null) {
        return
      }
      yield part
    }
  }

  /** All of them, as one stream. */
  async buffer() {
    const parts = []
    for await (const part of this) {
      parts.push(part)
    }
    return Buffer.concat(parts)
  }
}

module.exports = { Facts }
