'use strict'

const native = require('./native.js')
const { encoded, opening } = require('./arguments.js')
const { understood } = require('./errors.js')
const { Facts } = require('./facts.js')
const { run } = require('./running.js')
const { Sync } = require('./sync.js')

const OWN = Symbol('engine')

/** An engine: of `connect`. What its methods take and give is told in `index.d.ts`. */
class Engine {
  #session

  constructor(own, session) {
    if (own !== OWN) {
      throw new TypeError('an engine is made by connect()')
    }
    this.#session = session
  }

  async call(name, given = {}, { signal } = {}) {
    const text = encoded(given)
    return JSON.parse(await run(this.#session, signal, (used) => used.call(name, text)))
  }

  async table(name, given = {}, { signal } = {}) {
    const text = encoded(given)
    return run(this.#session, signal, (used) => used.table(name, text))
  }

  facts(given = {}, options = {}) {
    return new Facts(this.#session, given, options)
  }

  sync(how = {}, options = {}) {
    return new Sync(this.#session, how, options)
  }

  async *pages(name, given = {}, options = {}) {
    let cursor = given.cursor
    do {
      const page = await this.call(name, { ...given, cursor }, options)
      yield page
      cursor = page.next
    } while (cursor !== null && cursor !== undefined)
  }
}

// A method for each call: `pull_requests` is `pullRequests`.
for (const name of native.calls()) {
  const method = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase())
  const called = {
    [method](given, options) {
      return this.call(name, given, options)
    },
  }
  Object.defineProperty(Engine.prototype, method, { value: called[method], configurable: true, writable: true })
}

async function connect(where) {
  const text = opening(where)
  try {
    return new Engine(OWN, await native.open(text))
  } catch (error) {
    throw understood(error)
  }
}

module.exports = { Engine, connect }
