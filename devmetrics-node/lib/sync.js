'use strict'

const { encoded } = require('./arguments.js')
const { run } = require('./running.js')

/** A sync that runs: wait for it to get its report, or walk it to be told of what happens. */
class Sync {
  #events = []
  #wake = () => {}
  #ended = false
  #leave = new AbortController()

  constructor(session, { onProgress, ...how }, { signal } = {}) {
    let failed
    const tell = (text) => {
      if (text === null || failed) {
        return
      }
      const event = JSON.parse(text)
      this.#events.push(event)
      this.#wake()
      try {
        onProgress?.(event)
      } catch (error) {
        failed = { error }
        this.#leave.abort()
      }
    }
    const started = async (used) => {
      const leave = () => used.stop()
      this.#leave.signal.addEventListener('abort', leave, { once: true })
      const report = JSON.parse(await used.sync(encoded(how), tell))
      if (failed) {
        throw failed.error
      }
      return report
    }
    /** The report, once everything was told. */
    this.result = run(session.stoppable(), signal, started).finally(() => {
      this.#ended = true
      this.#wake()
    })
  }

  then(fulfilled, rejected) {
    return this.result.then(fulfilled, rejected)
  }

  catch(rejected) {
    return this.result.catch(rejected)
  }

  finally(settled) {
    return this.result.finally(settled)
  }

  async *[Symbol.asyncIterator]() {
    // Told at the end of the walk.
    this.result.catch(() => {})
    try {
      for (;;) {
        while (this.#events.length > 0) {
          yield this.#events.shift()
        }
        if (this.#ended) {
          break
        }
        await new Promise((wake) => {
          this.#wake = wake
        })
      }
      await this.result
    } finally {
      // Whoever leaves early wants no more of it.
      if (!this.#ended) {
        this.#leave.abort()
        await this.result.catch(() => {})
      }
    }
  }
}

module.exports = { Sync }
