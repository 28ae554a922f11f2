// Columns, read by Arrow's own package.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, test } from 'node:test'

import { tableFromIPC } from 'apache-arrow'
import { connect } from 'devmetrics'

import { WHEN, changes, configuration, folder, repository } from './world.mjs'

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

test('each page has words of its own', async () => {
  // Two repositories have more than a page holds together: the words of the second page are others, under the same numbers.
  const made = folder()
  const people = { first: 'Ada <ada@example.org>', second: 'Bob <bob@example.org>' }
  const source = Object.entries(people).map(([name, person]) => {
    const path = join(made, name)
    repository(path, changes(8_100, person))
    return { kind: 'git', path, name }
  })
  const long = await connect({ database: `sqlite:${join(made, 'metrics.db')}`, source })
  await long.sync()
  const when = { from: '2026-01-01', to: '2026-02-01' }
  for (const table of [await tableFromIPC(long.facts(when)), tableFromIPC(await long.facts(when).buffer())]) {
    assert.equal(table.batches.filter((batch) => batch.numRows > 0).length, 2)
    const [repositories, authors] = ['repository', 'author'].map((name) => table.getChild(name))
    const told = {}
    for (let n = 0; n < table.numRows; n++) {
      const row = `${repositories.get(n)} by ${authors.get(n)}`
      told[row] = (told[row] ?? 0) + 1
    }
    const [[first, second], counts] = [Object.keys(told).sort(), Object.values(told)]
    assert.deepEqual(counts, [8_100, 8_100])
    assert.match(first, /^git:repo:first by person:/)
    assert.match(second, /^git:repo:second by person:/)
    assert.notEqual(first.split(' by ')[1], second.split(' by ')[1])
  }
})

test('rows of a call are a table', async () => {
  const asked = { metrics: 'velocity', bucket: 'week', ...WHEN }
  const [answer] = await engine.report(asked)
  const table = tableFromIPC(await engine.table('report', asked))
  assert.equal(table.numRows, 1 + answer.buckets.length)
  assert.equal(table.getChild('n').get(0), BigInt(answer.total.n))
})
