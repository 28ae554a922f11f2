// What a repository says of its own work: `tsc` checks it, and Node runs what comes out.
import { connect, DevmetricsError, type Answer } from 'devmetrics'

function line({ metric, unit, total }: Answer): string {
  const value = total.value === null ? 'unknown' : `${total.value.toFixed(1)} ${unit}`
  return `${metric}: ${value} (${total.n} samples${total.provisional ? ', may still change' : ''})`
}

const engine = await connect('devmetrics.toml')
for await (const event of engine.sync()) {
  if (event.event === 'page_committed') {
    console.log(`${event.feed?.scope}: ${event.records} records`)
  }
}
try {
  const answers = await engine.report({ metrics: ['velocity', 'cycle_time'], from: '2026-01-05', to: new Date('2026-03-30') })
  answers.forEach((answer) => console.log(line(answer)))
} catch (error) {
  if (error instanceof DevmetricsError && error.code === 'not_found') {
    console.error(error.message, error.near)
  }
  throw error
}
