// The types against what really comes back, and against programs.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

import { connect } from 'devmetrics'

import { WHEN, configuration, native } from './world.mjs'

const here = import.meta.dirname
const require = createRequire(import.meta.url)
const declared = readFileSync(join(dirname(require.resolve('devmetrics')), 'index.d.ts'), 'utf8')
const OPTIONS = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--target', 'es2022', '--lib', 'es2023', '--types', 'node']
const ESM = [...OPTIONS, '--module', 'nodenext']

/** Runs the compiler; what it says is the error's message. */
function tsc(...parameters) {
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
  try {
    execFileSync(process.execPath, [compiler, ...parameters], { cwd: here, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    assert.fail(error.stdout + error.stderr)
  }
}

const CALLS = [
  ['metrics', {}],
  ['report', { ...WHEN, bucket: 'week' }],
  ['report', { ...WHEN, team: ['web', 'api'], metrics: ['cycle_time', 'change_fail_rate'] }],
  ['compare', { ...WHEN, metric: 'cycle_time', team: ['web', 'api'] }],
  ['explain', { ...WHEN, metric: 'change_lead_time', direct_pushes: true }],
  ['explain', { ...WHEN, metric: 'change_fail_rate' }],
  ['trend', WHEN],
  ['anomalies', WHEN],
  ['forecast', { items: 5 }],
  ['forecast', { by: '2030-01-01', to: '2026-03-30' }],
  ['goals', {}],
  ['quality', WHEN],
  ['status', {}],
  ['match_coverage', WHEN],
  ['teams', {}],
  ['members', { team: 'web' }],
  ['repositories', {}],
  ['pull_requests', WHEN],
  ['deployments', WHEN],
  ['incidents', WHEN],
  ['import_deployments', { records: [], dry_run: true }],
  ['import_incidents', { records: [], dry_run: true }],
]

test('every call and every code has its type', () => {
  assert.deepEqual(new Set(CALLS.map(([name]) => name)), new Set(native.calls()))
  const calls = declared.match(/export interface Calls \{\n(.*?)\n\}/s)[1]
  assert.deepEqual([...calls.matchAll(/^  (\w+):/gm)].map(([, name]) => name).sort(), native.calls().sort())
  const codes = declared.match(/export type Code =\n((?:  \| '\w+'\n)+)/)[1]
  assert.deepEqual([...codes.matchAll(/'(\w+)'/g)].map(([, code]) => code), native.codes())
})

test('results have the shape that their type says', async () => {
  const path = await configuration()
  const engine = await connect(path)
  const lines = ["import type { Calls, Event, Goal, SyncReport } from 'devmetrics'"]
  let number = 0
  // A literal must have every field of its type, and no other.
  const claim = (type, value) => lines.push(`export const v${number++}: ${type} = ${JSON.stringify(value)}`)
  for (const [name, given] of CALLS) {
    claim(`Calls['${name}']['gives']`, await engine.call(name, given))
  }
  const goal = { team: 'unassigned', metric: 'velocity', target: 2, by: '2030-01-01' }
  claim('Goal[]', await (await connect({ database: 'memory:', goal: [goal] })).goals())
  const collecting = await connect({ database: 'memory:', source: [{ kind: 'git', path: join(dirname(path), 'shop') }] })
  const sync = collecting.sync()
  for await (const event of sync) {
    claim('Event', event)
  }
  claim('SyncReport', await sync)
  mkdirSync(join(here, 'made'), { recursive: true })
  writeFileSync(join(here, 'made', 'results.mts'), lines.join('\n'))
  tsc(...ESM, '--noEmit', 'made/results.mts')
})

test('a program of a user is understood, and a wrong one is refused', () => {
  tsc(...ESM, '--noEmit', 'user_types.mts', 'user_types_commonjs.cts')
})

test('the examples are right, and run', async () => {
  const path = await configuration({ synced: false })
  const made = join(here, 'made', 'examples')
  mkdirSync(made, { recursive: true })
  writeFileSync(join(made, 'package.json'), '{ "type": "module" }')
  for (const name of ['report.ts', 'arrow.ts']) {
    writeFileSync(join(made, name), readFileSync(join(here, '..', 'examples', name)))
  }
  tsc(...ESM, '--skipLibCheck', 'made/examples/report.ts', 'made/examples/arrow.ts')
  const run = (name) => execFileSync(process.execPath, [join(made, name)], { cwd: dirname(path), encoding: 'utf8' })
  assert.match(run('report.js'), /^velocity: \d+\.0 pull_requests \(\d+ samples/m)
  assert.match(run('arrow.js'), /^.+: \d+ changes, \d+\.\d days$/m)
})

/** What comes of the JavaScript that a Markdown text shows, one block after the other, beside a clone of this repository. */
function shown(file) {
  const blocks = readFileSync(file, 'utf8').matchAll(/^```js\n(.*?)^```/gms)
  const program = [...blocks].map(([, block]) => block).join('\n')
  mkdirSync(join(here, 'made'), { recursive: true })
  const path = join(here, 'made', 'readme.mjs')
  writeFileSync(path, program)
  return execFileSync(process.execPath, [path], { cwd: process.env.CLONE_FOLDER, encoding: 'utf8' })
}

test('what the READMEs show runs', () => {
  assert.match(shown(join(here, '..', 'README.md')), /^\d+ pull_requests \d+$/m)
  assert.match(shown(process.env.README), /value: \d+/)
})
