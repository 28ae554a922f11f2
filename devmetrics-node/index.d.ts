/// <reference types="node" />

import type { Anomalies, Answer, Comparison, Definition, Evidence, Forecast, Goal, Trend } from './types/answers.js'
import type {
  CompareArguments,
  DeploymentArguments,
  ExplainArguments,
  FactArguments,
  ForecastArguments,
  ImportArguments,
  ListArguments,
  Names,
  NoArguments,
  PageArguments,
  PullRequestArguments,
  ReportArguments,
  ScopeArguments,
  SyncArguments,
  When,
  WindowArguments,
} from './types/arguments.js'
import type { Certificate, Event, Imported, MatchCoverage, Quality, SyncReport } from './types/collection.js'
import type { Deployment, Incident, Member, PullRequest, Repository, Team } from './types/facts.js'

export * from './types/answers.js'
export * from './types/arguments.js'
export * from './types/collection.js'
export * from './types/facts.js'

/**
 * Opens an engine, its database brought up to date.
 *
 * @param where The URL of a database (`sqlite:///metrics.db`, four slashes for an absolute path; `postgresql://user@host/database`;
 * `memory:`), the path of a configuration file, or an object with the fields of `devmetrics.toml`. Default: `devmetrics.toml` of this
 * folder, where there is one, and the environment.
 * @throws {DevmetricsError} `invalid_input` for a wrong configuration, `not_found` for a file that does not exist, `unavailable` for a
 * database that does not answer.
 */
export function connect(where?: string | URL | Configuration | null): Promise<Engine>

/** The fields of `devmetrics.toml`. */
export interface Configuration {
  database?: string
  [field: string]: unknown
}

/** How a call runs. */
export interface Options {
  /** Ends it: what it rejects with is then the signal's reason, an `AbortError` where none was given. */
  signal?: AbortSignal | undefined
}

/**
 * What engines are asked. Every call rejects with a {@link DevmetricsError}: `invalid_input` for an argument that it does not have or
 * cannot read, `not_found` for a team, a repository, a service or a metric that does not exist, `unavailable` while the database is
 * away. An argument that is null or undefined is not given.
 */
export class Engine {
  private constructor()
  /** The values of metrics, with their intervals and sample sizes. Durations are in seconds: see `unit`. */
  report(given?: ReportArguments, options?: Options): Promise<Answer[]>
  /** How others differ from the first: teams, repositories, services; or one from itself at another time. */
  compare(given: CompareArguments, options?: Options): Promise<Comparison[]>
  /** What a value is made of: every sample, counted or left out and why, in order of time. */
  explain(given: ExplainArguments, options?: Options): Promise<Page<Evidence>>
  /** Which way metrics go, and how evidently; by week where no bucket is named. */
  trend(given?: ReportArguments, options?: Options): Promise<Trend[]>
  /** The buckets that are unlike the others, over all that is asked about together. */
  anomalies(given?: ReportArguments, options?: Options): Promise<Anomalies>
  /** By when so many are done, or how many are done by then, drawn from the weeks behind. */
  forecast(given: ForecastArguments, options?: Options): Promise<Forecast[]>
  /** How the goals of the configuration go. */
  goals(given?: NoArguments, options?: Options): Promise<Goal[]>
  /** What is wrong or doubtful in what was collected, which metrics suffer and what to do. */
  quality(given?: WindowArguments, options?: Options): Promise<Quality>
  /** How completely each repository or owner was collected, and up to when. */
  status(given?: NoArguments, options?: Options): Promise<Certificate[]>
  /** How changes were matched to the deployments that shipped them, for each repository. */
  matchCoverage(given?: ScopeArguments, options?: Options): Promise<MatchCoverage[]>
  /** What metrics there are: those of these names, or all of them. */
  metrics(given?: { metrics?: Names | null | undefined }, options?: Options): Promise<Definition[]>
  /** The teams of the roster. */
  teams(given?: PageArguments, options?: Options): Promise<Page<Team>>
  /** Who belongs to a team, and from when to when; `at`: those at this day or instant. */
  members(given: { team: string; at?: When | null | undefined }, options?: Options): Promise<Member[]>
  /** What was collected. */
  repositories(given?: PageArguments, options?: Options): Promise<Page<Repository>>
  /** Pull requests, newest first: those merged in the window; open ones by `state`. For many of them there is {@link facts}. */
  pullRequests(given?: PullRequestArguments, options?: Options): Promise<Page<PullRequest>>
  /** Deployments by when they finished, newest first. */
  deployments(given?: DeploymentArguments, options?: Options): Promise<Page<Deployment>>
  /** Incidents by when they began, newest first. */
  incidents(given?: ListArguments, options?: Options): Promise<Page<Incident>>
  /** Takes deployments over that nobody collects (docs/import.md): all of them, or none. The same again changes nothing. */
  importDeployments(given: ImportArguments, options?: Options): Promise<Imported>
  /** Takes incidents over that nobody collects, as {@link importDeployments} does deployments. */
  importIncidents(given: ImportArguments, options?: Options): Promise<Imported>

  /** Calls by name: also what is newer than these types. */
  call<K extends keyof Calls>(name: K, ...given: Given<Calls[K]['takes']>): Promise<Calls[K]['gives']>
  call(name: string, given?: object, options?: Options): Promise<unknown>
  /** The pages of a call that gives pages, one after the other. */
  pages<K extends keyof Paged>(name: K, ...given: Given<Calls[K]['takes']>): AsyncGenerator<Page<Paged[K]>, void, undefined>
  /** The rows of a call as an Arrow IPC stream. Rejects with `unsupported` for a call that has none. */
  table(name: keyof Calls | (string & {}), given?: object, options?: Options): Promise<Buffer>
  /** The pull requests that metrics are computed from, as Arrow: for millions of them. */
  facts(given?: FactArguments, options?: Options): Facts
  /** Collects what is new from every source. What fails at a source is in `failures` of the report, and the rest is done all the same. */
  sync(how?: SyncArguments, options?: Options): Sync
}

/**
 * A sync that runs. Wait for it to get its report; walk it (`for await`) to be told of what happens: who leaves the walk early stops
 * the sync. Stopped, also by a signal, it ends after the page that it is at, with everything before it kept.
 */
export interface Sync extends Promise<SyncReport>, AsyncIterable<Event> {
  /** The report, once everything was told. */
  readonly result: Promise<SyncReport>
}

/** Pull requests as an Arrow IPC stream: its parts are read while they are taken. `await tableFromIPC(engine.facts())` */
export interface Facts extends AsyncIterable<Buffer> {
  /** All of them, as one stream. */
  buffer(): Promise<Buffer>
}

/** What went wrong in devmetrics. Its `cause` is what caused it, from the outside in. */
export class DevmetricsError extends Error {
  constructor(message: string, more?: { code?: Code; cause?: unknown; near?: string[]; retryAt?: Date })
  readonly name: 'DevmetricsError'
  /** What can be done about it. */
  readonly code: Code
  /** Names that exist and resemble one that does not, the nearest first. */
  readonly near: string[]
  /** When the same call may succeed, where a source says so. */
  readonly retryAt: Date | undefined
}

/** Kinds of errors. */
export type Code =
  | 'invalid_input'
  | 'not_found'
  | 'conflict'
  | 'unauthenticated'
  | 'permission_denied'
  | 'rate_limited'
  | 'unavailable'
  | 'corrupt'
  | 'unsupported'
  | 'cancelled'
  | 'internal'

/** A page of a list. */
export interface Page<T> {
  items: T[]
  /** Where the next page begins; null after the last. */
  next: string | null
}

/** The calls by name. */
export interface Calls {
  anomalies: { takes: ReportArguments; gives: Anomalies }
  compare: { takes: CompareArguments; gives: Comparison[] }
  deployments: { takes: DeploymentArguments; gives: Page<Deployment> }
  explain: { takes: ExplainArguments; gives: Page<Evidence> }
  forecast: { takes: ForecastArguments; gives: Forecast[] }
  goals: { takes: NoArguments; gives: Goal[] }
  import_deployments: { takes: ImportArguments; gives: Imported }
  import_incidents: { takes: ImportArguments; gives: Imported }
  incidents: { takes: ListArguments; gives: Page<Incident> }
  match_coverage: { takes: ScopeArguments; gives: MatchCoverage[] }
  members: { takes: { team: string; at?: When | null | undefined }; gives: Member[] }
  metrics: { takes: { metrics?: Names | null | undefined }; gives: Definition[] }
  pull_requests: { takes: PullRequestArguments; gives: Page<PullRequest> }
  quality: { takes: WindowArguments; gives: Quality }
  report: { takes: ReportArguments; gives: Answer[] }
  repositories: { takes: PageArguments; gives: Page<Repository> }
  status: { takes: NoArguments; gives: Certificate[] }
  teams: { takes: PageArguments; gives: Page<Team> }
  trend: { takes: ReportArguments; gives: Trend[] }
}

/** What the calls that give pages list. */
export type Paged = { [K in keyof Calls as Calls[K]['gives'] extends Page<unknown> ? K : never]: Calls[K]['gives'] extends Page<infer T> ? T : never }

/** Arguments that need not be given where none of them must be. */
export type Given<T> = {} extends T ? [given?: T, options?: Options] : [given: T, options?: Options]
