// The scenario of every front-end (testing/parity/README.md): what comes back is the same as everywhere.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'

import { connect } from 'devmetrics'

import { SCENARIO, configuration, native } from './world.mjs'

const masked = (text) => text.replace(/("coverage":\{[^}]*?"to":)"[^"]*"/g, '$1"NOW"')
let path

before(async () => {
  path = await configuration()
})

test('the text is the same to the byte', async () => {
  const session = await native.open(path)
  for (const { call, arguments: given, result } of SCENARIO.calls) {
    assert.equal(masked(await session.call(call, JSON.stringify(given))), result, call)
  }
})

test('methods give the same values', async () => {
  const engine = await connect(path)
  for (const { call, arguments: given, result } of SCENARIO.calls) {
    const method = call.replace(/_(.)/g, (_, letter) => letter.toUpperCase())
    const value = await engine[method](given)
    assert.deepEqual(JSON.parse(masked(JSON.stringify(value))), JSON.parse(result), call)
  }
})
