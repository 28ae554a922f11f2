/// <reference types="node" />

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

// Arguments

export type NoArguments = { [name: string]: never }

/** One name, or several. */
export type Names = string | readonly string[]

/** A day, an instant (with its zone), or a span back from now such as `'90d'`. */
export type When = string | Date

export type Bucket = 'day' | 'week' | 'month' | 'quarter'

export type Policy = 'full' | 'fractional' | 'primary'

export type Clock = 'wall' | 'working'

export type State = 'merged' | 'open'

/** Of when. */
export interface WindowArguments {
  /** The first day or instant. Default: 90 days before `to`. */
  from?: When | null | undefined
  /** The first day or instant that is no longer in it. Default: now. */
  to?: When | null | undefined
  /** The IANA zone that days and weeks are cut in. Default: the team's, else the configuration's. */
  zone?: string | null | undefined
}

/** Whose and of when: one of these six, or none of them for everything. */
export interface ScopeArguments extends WindowArguments {
  /** Teams by id, each with those below it, or `'unassigned'`. */
  team?: Names | null | undefined
  /** Services of the configuration. */
  service?: Names | null | undefined
  /** Repositories by name or id. */
  repository?: Names | null | undefined
  /** All repositories of an owner. */
  organization?: Names | null | undefined
  /** Every team of the roster. */
  all_teams?: boolean | null | undefined
  /** Every service of the configuration. */
  all_services?: boolean | null | undefined
}

/** Whose, of when and how. */
export interface QuestionArguments extends ScopeArguments {
  /** How a change counts whose author is in several teams. Default: the configuration's. */
  policy?: Policy | null | undefined
  /** What durations are measured by. Default: `'wall'`, all the time that passes. */
  clock?: Clock | null | undefined
  /** Whether commits that were pushed without a pull request count. */
  direct_pushes?: boolean | null | undefined
}

/** Which page of a list. */
export interface PageArguments {
  /** How many items a page has. Default: 100. */
  limit?: number | null | undefined
  /** Where the page begins: `next` of the page before. */
  cursor?: string | null | undefined
}

/** Which facts are listed. */
export interface ListArguments extends ScopeArguments, PageArguments {}

/** How records are taken over. */
export interface ImportArguments {
  /** Objects with `id`, `repository` and others (docs/import.md). */
  records: readonly object[]
  /** Who tells: an id is unique within its source. Default: `'import'`. */
  source?: string | null | undefined
  /** Whether the records are all that the source has of the repositories that they name: what is not among them goes. */
  complete?: boolean | null | undefined
  /** More repositories that the records speak of, even where they have nothing to tell. */
  repositories?: Names | null | undefined
  /** From when on the source tells everything. Default: from its first record on. */
  since?: When | null | undefined
  /** Whether a repository that does not exist is made. */
  create_repositories?: boolean | null | undefined
  /** Whether everything is checked and counted, and nothing is written. */
  dry_run?: boolean | null | undefined
}

/** How is collected. */
export interface SyncArguments {
  /** Is called with each event. What it throws stops the sync, and is what the sync rejects with. */
  onProgress?: ((event: Event) => void) | undefined
  /** Only these, by name or id. */
  repositories?: Names | null | undefined
  /** How many repositories are read side by side: 1 to 64. Default: 4. */
  concurrency?: number | null | undefined
  /** The longest wait for a source that asks to wait, in seconds. Default: 60. */
  patience?: number | null | undefined
  /** After how many seconds the run ends, with what was read kept. */
  deadline?: number | null | undefined
}

/** What is reported. */
export interface ReportArguments extends QuestionArguments {
  /** Ids or aliases. Default: velocity, cycle time and the five DORA metrics. */
  metrics?: Names | null | undefined
  /** Cuts the window. */
  bucket?: Bucket | null | undefined
}

/** What is compared. */
export interface CompareArguments extends QuestionArguments {
  /** Its id or alias. */
  metric: string
  /** Of one that is compared with itself: when the other time begins. */
  before_from?: When | null | undefined
  /** And when it ends. */
  before_to?: When | null | undefined
}

/** Of which value the evidence is listed. */
export interface ExplainArguments extends QuestionArguments, PageArguments {
  /** Its id or alias. */
  metric: string
}

/** What is foretold: `items` or `by`. */
export interface ForecastArguments extends QuestionArguments {
  /** One that is counted. Default: velocity. */
  metric?: string | null | undefined
  /** How many. */
  items?: number | null | undefined
  /** By the end of which day, or by which instant. */
  by?: When | null | undefined
  /** The same number draws the same again. Default: 0. */
  seed?: number | null | undefined
}

/** Which pull requests are listed. */
export interface PullRequestArguments extends ListArguments {
  /** Default: `'merged'`. */
  state?: State | null | undefined
}

/** Which deployments are listed. */
export interface DeploymentArguments extends ListArguments {
  environment?: string | null | undefined
}

/** Which pull requests come as columns. */
export interface FactArguments extends ScopeArguments {
  /** Whether those that were open within the window come too, beside those that were merged in it. */
  open?: boolean | null | undefined
}

// Results: instants are RFC 3339 texts in UTC, durations are in seconds, and what is not known is null, never 0.

export type Direction = 'improving' | 'worsening' | 'no_evidence' | 'unknown'

export type Better = 'higher' | 'lower'

export type ScopeKind = 'all' | 'team' | 'repository' | 'service' | 'organization'

/** A half-open span of time. */
export interface Window {
  from: string
  to: string
}

/** Whose. */
export interface Scope {
  scope: ScopeKind
  /** Which; missing for `all`. */
  id?: string
}

/** An interval of 95 % confidence. */
export interface Interval {
  low: number
  high: number
}

/** An interval that may be open. */
export interface Bounds {
  low: number | null
  high: number | null
}

/** A distribution: quantiles of type 7 with their intervals, in the answer's unit. */
export interface Quantiles {
  p50: number
  p75: number
  p90: number
  p95: number
  mean: number
  p50_interval: Interval | null
  p75_interval: Interval | null
  p90_interval: Interval | null
  p95_interval: Interval | null
}

/** Samples of which only a part is known; ages are in seconds at the end of what was collected. */
export interface Censored {
  pending: number
  oldest_pending_seconds: number | null
  censored_left: number
  open: number
  oldest_open_seconds: number | null
}

/** What a judgement is about. */
export interface Subject extends Scope {
  metric: string
  definition: string
  unit: string
  better: Better
  clock: Clock
}

/** What a metric is. */
export interface Definition {
  id: string
  name: string
  aliases: string[]
  unit: string
  unit_label: string | null
  better: Better
  /** Raised whenever the same facts would give another value. */
  version: number
  summary: string
  example: string | null
  source: string
}

/** A statistic with what is needed to judge it. */
export interface Value {
  /** The headline: the median of a duration, a count, a rate; null where it is unknown. */
  value: number | null
  interval: Interval | null
  /** The number of samples. */
  n: number
  quantiles: Quantiles | null
  /** What was left out, by reason. */
  excluded: Record<string, number>
  censored: Censored
  skew_clamped: number
  estimated: number
  low_sample: boolean
  /** Whether it can still change. */
  provisional: boolean
}

/** The value of a bucket. */
export interface BucketValue extends Value {
  /** Its name: `2026-W14`, `2026-04-01`, `2026-04`, `2026-Q2`. */
  label: string
  window: Window
  partial: boolean
}

/** What is known of which time. */
export interface Coverage {
  from: string | null
  deployments_from: string | null
  to: string | null
  team_from: string | null
  incidents_from: string | null
  pull_requests_from: string | null
}

/** The answer of a metric. */
export interface Answer {
  metric: string
  definition: string
  /** What values are in: `seconds`, `pull_requests`, `deployments_per_day`, `ratio` and others. */
  unit: string
  better: Better
  scope: Scope
  window: Window
  coverage: Coverage
  zone: string
  policy: Policy
  clock: Clock
  /** Over the whole window. */
  total: Value
  bucket: Bucket | null
  buckets: BucketValue[]
  /** Further figures by name. */
  beside: Record<string, number | null>
}

/** Why a deployment counts as failed. */
export interface Because {
  rule: string
  cause: string
  remedy: string | null
}

/** What people call a pull request. */
export interface Named {
  number: number | null
  title: string
  url: string | null
  author: string | null
}

/** One sample behind a value, and why it is in it or not. */
export interface Evidence {
  item: string
  outcome: 'counted' | 'excluded' | 'pending' | 'censored_left' | 'open'
  value?: number
  skew_clamped?: boolean
  reason?: string
  age_seconds?: number
  at: string
  begin: string | null
  end: string | null
  matched: string | null
  note: string | null
  because: Because | null
  pull_request: Named | null
}

/** One side of a comparison. */
export interface Compared extends Scope {
  window: Window
  n: number
  value: number | null
  low_sample: boolean
}

/** A difference with its interval and its probability by chance. */
export interface Effect {
  kind: 'shift' | 'ratio' | 'difference'
  estimate: number | null
  interval: Bounds
  p: number
}

/** How the second side differs from the first. */
export interface Comparison {
  metric: string
  definition: string
  unit: string
  clock: Clock
  first: Compared
  second: Compared
  effect: Effect | null
  unknown_because: string | null
  direction: Direction
  low_sample: boolean
}

/** How steeply a metric goes. */
export interface Slope {
  per_bucket: number
  interval: Interval
  at_first: number
}

/** Which way a metric goes, and how evidently. */
export interface Trend extends Subject {
  window: Window
  bucket: Bucket
  buckets: number
  left_out: Record<string, number>
  direction: Direction
  slope: Slope | null
  p: number | null
  unknown_because: string | null
}

/** A bucket unlike the others. */
export interface Anomaly extends Subject {
  label: string
  window: Window
  value: number
  n: number
  usual: number
  side: 'high' | 'low'
  direction: Direction
  z: number | null
  p: number
  adjusted_p: number
}

/** How much of a series was judged. */
export interface Judged extends Subject {
  tested: number
  left_out: Record<string, number>
  unjudged: Record<string, number>
}

/** What was found unlike the rest, the most improbable first. */
export interface Anomalies {
  found: Anomaly[]
  tested: number
  series: Judged[]
}

/** What is reached with some confidence. */
export interface Likely {
  confidence: number
  at: string | null
  items: number | null
}

/** What is likely, drawn from the weeks behind. */
export interface Forecast extends Subject {
  from: string
  question: 'items' | 'by'
  items?: number
  by?: string
  weeks: number
  left_out: Record<string, number>
  draws: number
  likely: Likely[] | null
  unknown_because: string | null
}

/** A goal of the configuration, and how it goes. */
export interface Goal extends Scope {
  metric: string
  statistic: 'value' | 'p50' | 'p75' | 'p90' | 'p95'
  target: number
  by: string
  days: number
  zone: string
  policy: Policy
  clock: Clock
  definition: string
  unit: string
  state: 'met' | 'on_track' | 'at_risk' | 'unknown'
  unknown_because: string | null
  window: Window
  value: number | null
  interval: Interval | null
  n: number
  provisional: boolean
  direction: Direction
  expected: number | null
}

/** A pull request and what became of it. No address of a person is told. */
export interface PullRequest {
  id: string
  repository: string
  number: number | null
  title: string
  url: string | null
  author: string | null
  bot: boolean
  base_branch: string
  landing: string | null
  first_commit_at: string | null
  opened_at: string | null
  ready_at: string | null
  first_review_at: string | null
  approved_at: string | null
  merged_at: string | null
  closed_at: string | null
  deployed_at: string | null
  deployment: string | null
  matched: string | null
  draft: boolean
  labels: string[]
  commits: number | null
  additions: number | null
  deletions: number | null
  changed_files: number | null
  comments: number | null
  review_rounds: number | null
  teams: string[]
}

/** A version brought to an environment. */
export interface Deployment {
  id: string
  repository: string
  environment: string
  status: 'success' | 'failure'
  finished_at: string
  reference: string
  commit: string
  creator: string | null
  url: string | null
}

/** Something that went wrong for users. */
export interface Incident {
  id: string
  repository: string
  number: number | null
  title: string
  url: string | null
  author: string | null
  labels: string[]
  started_at: string
  resolved_at: string | null
  caused_by: string[]
}

/** A team. */
export interface Team {
  id: string
  name: string
  zone: string | null
  parents: string[]
}

/** A person's place in a team for a time. */
export interface Member {
  person: string | null
  team: string
  valid_from: string | null
  valid_to: string | null
  primary: boolean
}

/** A repository. */
export interface Repository {
  id: string
  name: string
  default_branch: string | null
  url: string | null
  partial_history: boolean
  archived: boolean
  unreachable_since: string | null
}

/** What is read from a source. */
export interface Feed {
  source: string
  scope: string
  kind: string
}

/** How far a feed has been read. */
export interface FeedState {
  feed: Feed
  checkpoint: string
  covered_from: string | null
  covered_to: string | null
  quarantined: number
  stored: number
  total: number | null
}

/** How completely a repository or an organization has been collected. */
export interface Certificate {
  scope: string
  name: string
  complete: boolean
  known_to: string | null
  missing: string[]
  feeds: FeedState[]
}

/** How the changes of a repository were matched to their deployments. */
export interface MatchCoverage {
  repository: string
  name: string
  ancestry: number
  declared: number
  time: number
  baseline: number
  untracked: number
  pending: number
}

/** One of what was found. */
export interface Example {
  id: string
  name: string | null
  detail: string
}

/** Metrics that suffer, and how. */
export interface Affected {
  metrics: string[]
  how: string
}

/** Something wrong or doubtful. */
export interface Finding {
  kind: string
  count: number
  out_of: number
  examples: Example[]
  affects: Affected[]
  remedy: string
}

/** What is wrong or doubtful in what was collected. */
export interface Quality {
  window: Window
  findings: Finding[]
}

/** What was derived anew. */
export interface Settled {
  reattributed: number
  rematched: number
}

/** What became of rows. */
export interface Applied {
  inserted: number
  updated: number
  unchanged: number
  removed: number
}

/** What became of records. */
export interface Imported extends Applied {
  records: number
  created_repositories: string[]
  dry_run: boolean
  settled: Settled
}

/** What a run used up of what its sources allow. */
export interface Usage {
  requests: number
  points: number
  points_left: number | null
  points_limit: number | null
  reset_at: string | null
}

/** What a sync read of one feed. */
export interface FeedReport {
  feed: Feed
  pages: number
  records: number
  /** Of these, changed without a trace, and found by comparing. */
  swept: number
  quarantined: number
  applied: Applied
  restarted: boolean
  caught_up: boolean
  complete: boolean
}

/** Why a sync left something. */
export interface PartialReason {
  reason: 'stopped' | 'deadline' | 'rate_limited' | 'degraded'
  reset_at?: string
}

/** How a sync ended. */
export interface Outcome {
  outcome: 'complete' | 'partial'
  reason?: PartialReason
}

/** Something that a sync could not do. */
export interface SyncFailure {
  source: string
  feed: Feed | null
  kind: string
  message: string
  retry_at: string | null
}

/** What a sync did. */
export interface SyncReport {
  outcome: Outcome
  feeds: FeedReport[]
  unchanged: number
  roster_changed: boolean
  settled: Settled
  failures: SyncFailure[]
  usage: Usage
}

/** What a sync tells while it runs. */
export interface Event {
  event: 'feed_started' | 'page_committed' | 'waiting' | 'feed_finished' | 'settling'
  feed?: Feed | null
  records?: number
  remaining?: number | null
  history?: boolean
  usage?: Usage
  until?: string
  reason?: string
}
