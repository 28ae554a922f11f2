// What was collected, how, and what is doubtful in it.

import type { Window } from './answers.js'

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
