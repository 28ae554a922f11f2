// How many days pass from a change's first commit to its merge, by author, from columns.
import { tableFromIPC } from 'apache-arrow'
import { connect } from 'devmetrics'

const DAY = 86_400_000

const engine = await connect('devmetrics.toml')
const table = await tableFromIPC(engine.facts({ from: '2026-01-01', to: '2026-04-01' }))
const [author, begun, merged] = ['author', 'first_commit_at', 'merged_at'].map((name) => table.getChild(name))
const days = new Map<string, number[]>()
for (let row = 0; row < table.numRows; row++) {
  const [name, from, to] = [author?.get(row), begun?.get(row), merged?.get(row)]
  if (name !== null && from !== null && to !== null) {
    days.set(name, [...(days.get(name) ?? []), (Number(to) - Number(from)) / DAY])
  }
}
for (const [name, all] of days) {
  const middle = all.sort((a, b) => a - b)[Math.floor(all.length / 2)]
  console.log(`${name}: ${all.length} changes, ${middle?.toFixed(1)} days`)
}
