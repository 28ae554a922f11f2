// Programs as people write them: the compiler reads them, nothing runs.
import { DevmetricsError, Engine, connect, type Answer, type Code, type Event, type Page, type PullRequest, type SyncReport } from 'devmetrics'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <T extends true>(): T | undefined => undefined

const engine = await connect({ database: 'memory:', zone: 'Europe/Berlin' })
is<Same<typeof engine, Engine>>()

const answers = await engine.report({ metrics: ['velocity'], team: 'web', from: new Date(), bucket: 'week' })
is<Same<typeof answers, Answer[]>>()
const value = answers[0]?.total.value
is<Same<typeof value, number | null | undefined>>()
const named = await engine.call('pull_requests', { limit: 5 })
is<Same<typeof named, Page<PullRequest>>>()
const newer = await engine.call('some_call_of_tomorrow', { of: 1 })
is<Same<typeof newer, unknown>>()

const sync = engine.sync({ onProgress: (event) => is<Same<typeof event, Event>>() })
for await (const event of sync) is<Same<typeof event, Event>>()
const report = await sync
is<Same<typeof report, SyncReport>>()
for await (const part of engine.facts({ open: true })) is<Same<typeof part, Buffer>>()
for await (const page of engine.pages('deployments', { environment: 'production' })) page.items[0]?.finished_at.length

const error: unknown = null
if (error instanceof DevmetricsError) is<Same<typeof error.code, Code>>()

// @ts-expect-error there is no such argument
engine.report({ taem: 'web' })
// @ts-expect-error nor such a bucket
engine.report({ bucket: 'year' })
// @ts-expect-error a comparison is of one metric
engine.compare({ team: ['web', 'api'] })
// @ts-expect-error which cannot be left out
engine.compare()
// @ts-expect-error an answer has no such field
answers[0]?.total.median
// @ts-expect-error this call gives no pages
engine.pages('report')
// @ts-expect-error an engine is made by connect
new Engine()
// @ts-expect-error what is not known is null
answers[0]?.total.value.toFixed()
