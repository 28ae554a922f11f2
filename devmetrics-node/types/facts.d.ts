// Facts and teams, as lists tell them.

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
