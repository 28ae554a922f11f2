'use strict'

const { Engine, connect } = require('./lib/engine.js')
const { DevmetricsError } = require('./lib/errors.js')

module.exports = { DevmetricsError, Engine, connect }
