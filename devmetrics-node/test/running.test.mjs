// Many calls at the same time, progress, signals, workers.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { Worker } from 'node:worker_threads'

import { connect } from 'devmetrics'

import { WHEN, changes, configuration, folder, repository } from './world.mjs'

const QUESTIONS = ['velocity', 'cycle_time', 'change_lead_time', 'deployment_frequency', 'pull_request_size'].flatMap((metrics) =>
  ['web', 'api'].flatMap((team) => ['day', 'week', 'month', null].map((bucket) => ({ metrics, team, bucket, ...WHEN }))),
)
let path
let long

before(async () => {
  path = await configuration()
  long = join(folder(), 'long')
  repository(long, changes(600))
})

const collecting = () => connect({ database: 'memory:', source: [{ kind: 'git', path: long, page_size: 50 }] })

test('200 promises are answered as one is', async () => {
  const engine = await connect(path)
  const expected = []
  for (const question of QUESTIONS) {
    expected.push(await engine.report(question))
  }
  const given = await Promise.all(Array.from({ length: 200 }, (_, n) => engine.report(QUESTIONS[n % QUESTIONS.length])))
  given.forEach((answers, n) => assert.deepEqual(answers, expected[n % QUESTIONS.length]))
})

test('a sync is walked, and gives its report', async () => {
  const engine = await collecting()
  const called = []
  const sync = engine.sync({ onProgress: (event) => called.push(event) })
  const walked = []
  for await (const event of sync) {
    walked.push(event)
  }
  assert.deepEqual(walked, called)
  assert.equal(walked[0].event, 'feed_started')
  const committed = walked.filter(({ event }) => event === 'page_committed')
  assert(committed.length > 2, String(committed.length))
  const report = await sync
  assert.equal(report, await sync.result)
  assert.equal(report.outcome.outcome, 'complete')
  assert.equal((await engine.sync().result).feeds.every(({ records }) => records === 0), true)
})

test('who leaves the walk stops the sync, with what was read kept', async () => {
  const engine = await collecting()
  const sync = engine.sync()
  for await (const { event } of sync) {
    if (event === 'page_committed') {
      break
    }
  }
  const { outcome } = await sync
  assert.deepEqual(outcome, { outcome: 'partial', reason: { reason: 'stopped' } })
  const [{ complete, feeds }] = await engine.status()
  assert.equal(complete, false)
  assert(feeds.some(({ stored }) => stored > 0))
})

test('a signal stops a sync after the page that it is at', async () => {
  const engine = await collecting()
  const controller = new AbortController()
  const onProgress = ({ event }) => event === 'page_committed' && controller.abort()
  await assert.rejects(engine.sync({ onProgress }, { signal: controller.signal }).result, { name: 'AbortError' })
  const [{ feeds }] = await engine.status()
  assert(feeds.some(({ stored }) => stored > 0))
  await new Promise((done) => setTimeout(done, 100))
  assert.deepEqual((await engine.status())[0].feeds, feeds)
  assert.equal((await engine.sync()).outcome.outcome, 'complete')
})

test('a callback that throws ends the sync', async () => {
  const engine = await collecting()
  const fail = () => {
    throw new RangeError('enough')
  }
  await assert.rejects(engine.sync({ onProgress: fail }).result, RangeError)
  const walk = async () => {
    for await (const _ of engine.sync({ onProgress: fail })) {
    }
  }
  await assert.rejects(walk(), RangeError)
})

test('a signal ends a call with its reason', async () => {
  const engine = await connect(path)
  const controller = new AbortController()
  const asked = engine.report({ ...WHEN, bucket: 'day' }, { signal: controller.signal })
  controller.abort()
  await assert.rejects(asked, { name: 'AbortError' })
  await assert.rejects(engine.report(WHEN, { signal: AbortSignal.abort(new RangeError('mine')) }), RangeError)
  await assert.rejects(engine.facts(WHEN, { signal: controller.signal }).buffer(), { name: 'AbortError' })
  const { signal } = new AbortController()
  assert.equal((await engine.report({ metrics: 'velocity', ...WHEN }, { signal })).length, 1)
})

test('workers have engines of their own', async () => {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads')
    require('devmetrics').connect(workerData).then((engine) => engine.teams()).then(({ items }) => parentPort.postMessage(items.length))`
  const lengths = Array.from({ length: 3 }, () => {
    const worker = new Worker(program, { eval: true, workerData: path })
    return new Promise((told, failed) => worker.on('message', told).on('error', failed))
  })
  assert.deepEqual(await Promise.all(lengths), [2, 2, 2])
})

test('a process ends in the middle of calls, and when nothing is left to do', () => {
  const run = (program) => execFileSync(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000, encoding: 'utf8' })
  const opened = `import { connect } from 'devmetrics'; const engine = await connect(${JSON.stringify(path)});`
  assert.equal(run(`${opened} for (let n = 0; n < 50; n++) engine.report(); console.log('out'); process.exit(0)`), 'out\n')
  assert.equal(run(`${opened} console.log((await engine.teams()).items.length)`), '2\n')
})
