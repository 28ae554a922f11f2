// What Node adds to the engine; see `testing/bench/src/bin/bindings.rs`, which runs this in a folder with the package.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'

const require = createRequire(join(process.cwd(), 'package.json'))
const { connect } = require('devmetrics')
const { tableFromIPC } = require('apache-arrow')

const TIMES = 5
const QUESTIONS = 5_000

const [url, from, to, ...figures] = process.argv.slice(2)
const [rows, alone, question] = figures.map(Number)

/** The median of some runs, in seconds. */
async function middle(measure, times) {
  const took = []
  for (let n = 0; n < times; n++) {
    const begin = performance.now()
    await measure()
    took.push((performance.now() - begin) / 1000)
  }
  return took.sort((a, b) => a - b)[Math.floor(times / 2)]
}

/** For how long the loop was held up at most beyond a tick, in ms, while something runs. */
async function longestPause(measure) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await pause(20)
  delay.reset()
  await measure()
  delay.disable()
  return delay.max / 1e6 - 1
}

async function parts(engine) {
  const all = []
  for await (const part of engine.facts({ from, to })) {
    all.push(part)
  }
  return all
}

const engine = await connect(url)
const before = process.memoryUsage.rss()
let most = before
const watching = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 2)
let held = await parts(engine)
clearInterval(watching)
most = Math.max(most, process.memoryUsage.rss())
const size = held.reduce((sum, { length }) => sum + length, 0)
const table = tableFromIPC(held)
assert.equal(table.numRows, rows)
// Each part has words of its own: they are read as those of their part.
assert(new Set(table.getChild('repository')).size > 1)
held = undefined

const taken = await middle(() => parts(engine), TIMES)
const asTable = await middle(async () => tableFromIPC(await parts(engine)), TIMES)

const empty = await connect('memory:')
const asked = { metrics: 'velocity', from: '2026-01-01', to: '2026-04-01' }
const overhead = (await middle(() => empty.report(asked), QUESTIONS)) * 1e6 - question
const many = 200
const shared = ((await middle(() => Promise.all(Array.from({ length: many }, () => empty.report(asked))), 50)) * 1e6) / many
const quarter = { metrics: 'velocity', bucket: 'week', from: '90d' }
const held200 = await longestPause(() => Promise.all(Array.from({ length: 200 }, () => empty.report(quarter))))

let failed = false
for (const [what, value, bound, unit] of [
  ['into Arrow, against the engine alone', taken / alone, 1.5, 'times'],
  ['memory grown at its most, against the columns’ size', (most - before) / size, 2, 'times'],
  ['a question beyond Rust’s', overhead, 20, 'µs'],
  ['the loop held up at most by 200 promises', held200, 5, 'ms'],
]) {
  failed ||= value > bound
  console.log(`${what}: ${value.toFixed(2)} ${unit} (bound ${bound.toFixed(2)})${value > bound ? '  BEYOND IT' : ''}`)
}
console.log(
  `parts ${taken.toFixed(2)} s, table ${asTable.toFixed(2)} s, columns ${(size / 2 ** 20).toFixed(0)} MiB; ` +
    `of ${many} at the same time, a question takes ${shared.toFixed(1)} µs`,
)
process.exit(failed ? 1 : 0)
