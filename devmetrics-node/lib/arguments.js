'use strict'

const { invalid } = require('./errors.js')

/** Arguments as the native half takes them. JSON would leave out, or make null of, what it cannot write. */
function encoded(given) {
  return JSON.stringify(given, (name, value) => {
    const wrong = ['function', 'symbol', 'bigint'].includes(typeof value) || (typeof value === 'number' && !Number.isFinite(value))
    if (wrong) {
      throw invalid(`\`${name}\` is no value of an argument: ${String(value)}`)
    }
    return value
  })
}

/** Where an engine is: as the native half takes it. */
function opening(where) {
  if (where === undefined || where === null) {
    return ''
  }
  if (where instanceof URL) {
    return where.href
  }
  return typeof where === 'string' ? where : encoded(where)
}

module.exports = { encoded, opening }
