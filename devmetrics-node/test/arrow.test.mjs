// Columns, read by Arrow's own package.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'

import { tableFromIPC } from 'apache-arrow'
import { connect } from 'devmetrics'

import { WHEN, configuration } from './world.mjs'

let engine

before(async () => {
  engine = await connect(await configuration())
})

test('facts are the pull requests that are listed', async () => {
  const { items } = await engine.pullRequests({ ...WHEN, limit: 1000 })
  const expected = items.map(({ id, merged_at, repository }) => [id, Date.parse(merged_at), repository]).sort()
  for (const table of [await tableFromIPC(engine.facts(WHEN)), tableFromIPC(await engine.facts(WHEN).buffer())]) {
    const [id, merged, repository] = ['id', 'merged_at', 'repository'].map((name) => table.getChild(name))
    const rows = Array.from({ length: table.numRows }, (_, n) => [id.get(n), Number(merged.get(n)), repository.get(n)])
    assert.deepEqual(rows.sort(), expected)
  }
})

test('rows of a call are a table', async () => {
  const asked = { metrics: 'velocity', bucket: 'week', ...WHEN }
  const [answer] = await engine.report(asked)
  const table = tableFromIPC(await engine.table('report', asked))
  assert.equal(table.numRows, 1 + answer.buckets.length)
  assert.equal(table.getChild('n').get(0), BigInt(answer.total.n))
})
