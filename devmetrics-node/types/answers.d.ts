// What metrics answer: instants are RFC 3339 texts in UTC, durations are in seconds, and what is not known is null, never 0.

import type { Bucket, Clock, Policy } from './arguments.js'

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
