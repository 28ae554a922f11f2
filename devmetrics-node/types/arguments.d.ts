// What calls take.

import type { Event } from './collection.js'

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
