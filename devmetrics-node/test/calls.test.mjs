// What calls take, give and refuse.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { before, test } from 'node:test'

import { DevmetricsError, Engine, connect } from 'devmetrics'

import { WHEN, configuration, folder, native } from './world.mjs'

let path
let engine

before(async () => {
  path = await configuration()
  engine = await connect(path)
})

const refused = (code, text) => (error) => {
  assert(error instanceof DevmetricsError, String(error))
  assert.equal(error.name, 'DevmetricsError')
  assert.equal(error.code, code)
  assert.match(error.message, text)
  return true
}

test('require gives the same as import', () => {
  const required = createRequire(import.meta.url)('devmetrics')
  assert.equal(required.connect, connect)
  assert.equal(required.Engine, Engine)
})

test('an engine is opened in several ways', async () => {
  const database = join(path, '..', 'metrics.db')
  for (const where of [path, `sqlite:///${database}`, { database: `sqlite:${database}`, roster: null }]) {
    const page = await (await connect(where)).repositories()
    assert.equal(page.items.length, 1, JSON.stringify(where))
  }
  await assert.rejects(connect('nowhere.toml'), refused('not_found', /no file/))
  await assert.rejects(connect({ databse: 'memory:' }), refused('invalid_input', /did you mean `database`/))
  assert.throws(() => new Engine(), TypeError)
})

test('every call is a method', () => {
  for (const name of native.calls()) {
    const method = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase())
    assert.equal(Engine.prototype[method].name, method)
  }
})

test('dates are arguments, and what JSON cannot write is refused', async () => {
  const [answer] = await engine.report({ metrics: 'velocity', from: new Date('2026-01-05T00:00:00Z'), to: '2026-02-02', zone: 'UTC' })
  assert.deepEqual(answer.window, { from: '2026-01-05T00:00:00Z', to: '2026-02-02T00:00:00Z' })
  await assert.rejects(engine.report({ metrics: () => 'velocity' }), refused('invalid_input', /`metrics` is no value/))
  await assert.rejects(engine.teams({ limit: Number.NaN }), refused('invalid_input', /`limit` is no value/))
  await assert.rejects(engine.teams({ limit: 1n }), refused('invalid_input', /`limit` is no value/))
})

test('an error says what was wrong and why', async () => {
  await assert.rejects(engine.report({ team: 'wbe' }), (error) => {
    assert.deepEqual(error.near, ['web'])
    assert.equal(error.retryAt, undefined)
    return refused('not_found', /did you mean `web`/)(error)
  })
  await assert.rejects(engine.report({ taem: 'web' }), refused('invalid_input', /did you mean `team`/))
  await assert.rejects(engine.call('nothing'), refused('invalid_input', /there are: anomalies, compare/))
  await assert.rejects(engine.table('status'), refused('unsupported', /no rows/))
  const broken = join(folder(), 'broken.db')
  writeFileSync(broken, 'no database'.repeat(1000))
  await assert.rejects(connect(`sqlite:${broken}`), (error) => {
    assert(error.cause instanceof Error)
    assert(error.cause.message)
    return ['corrupt', 'unavailable'].includes(error.code)
  })
  await assert.rejects(connect('mysql://me:s3cret@host/db'), (error) => !`${error} ${error.cause}`.includes('s3cret'))
  const nothing = await connect('memory:')
  await assert.rejects(Promise.resolve(nothing.sync()), refused('invalid_input', /no source/))
})

test('pages are walked', async () => {
  const all = await engine.pullRequests({ ...WHEN, limit: 1000 })
  assert(all.items.length > 50)
  const walked = []
  for await (const page of engine.pages('pull_requests', { ...WHEN, limit: 20 })) {
    assert(page.items.length <= 20)
    walked.push(...page.items)
  }
  assert.deepEqual(walked, all.items)
})
