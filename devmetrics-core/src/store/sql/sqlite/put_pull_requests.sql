-- Pull requests as they are now; which are new or changed, and of which repository?
-- The places in a row are those of write.rs. An older version never overwrites a newer one. Not overwritten: is_bot and
-- attribution_revision (attributions are applied after the facts, deployment_* by ship).
INSERT INTO pull_requests AS t (
    tenant, feed, generation,
    id, repository_id, number, title, url, author_name, author_email, author_handle, author_bot, author_key,
    co_authors, base_branch, landing, first_commit_at, first_commit_estimated, opened_at, ready_at,
    first_review_at, approved_at, merged_at, closed_at, pauses, review_rounds, self_merged,
    first_commit, landing_commit, position, draft,
    labels, closes, commits, additions, deletions, changed_files, comments, reverts,
    cherry_picked_from, updated_at, is_bot, attribution_revision
)
SELECT
    $1, $2, $3,
    e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4, e.value ->> 5, e.value ->> 6,
    e.value ->> 7, e.value ->> 8, e.value ->> 9, e.value ->> 10, e.value ->> 11, e.value ->> 12,
    e.value ->> 13, e.value ->> 14, e.value ->> 15, e.value ->> 16, e.value ->> 17, e.value ->> 18,
    e.value ->> 19, e.value ->> 20, e.value ->> 21, e.value ->> 22,
    e.value ->> 23, e.value ->> 24, e.value ->> 25, e.value ->> 26, e.value ->> 27,
    e.value ->> 28, e.value ->> 29, e.value ->> 30, e.value ->> 31, e.value ->> 32, e.value ->> 33,
    e.value ->> 34, e.value ->> 35, e.value ->> 36, e.value ->> 37, e.value ->> 38, e.value ->> 39
FROM json_each($4) AS e
WHERE true
ON CONFLICT (tenant, id) DO UPDATE SET
    feed = excluded.feed,
    generation = excluded.generation,
    repository_id = excluded.repository_id, number = excluded.number, title = excluded.title,
    url = excluded.url, author_name = excluded.author_name, author_email = excluded.author_email,
    author_handle = excluded.author_handle, author_bot = excluded.author_bot,
    author_key = excluded.author_key, co_authors = excluded.co_authors, base_branch = excluded.base_branch,
    landing = excluded.landing, first_commit_at = excluded.first_commit_at,
    first_commit_estimated = excluded.first_commit_estimated, opened_at = excluded.opened_at,
    ready_at = excluded.ready_at, first_review_at = excluded.first_review_at,
    approved_at = excluded.approved_at, merged_at = excluded.merged_at, closed_at = excluded.closed_at,
    pauses = excluded.pauses, review_rounds = excluded.review_rounds, self_merged = excluded.self_merged,
    first_commit = excluded.first_commit, landing_commit = excluded.landing_commit,
    position = excluded.position, draft = excluded.draft, labels = excluded.labels,
    closes = excluded.closes, commits = excluded.commits, additions = excluded.additions,
    deletions = excluded.deletions, changed_files = excluded.changed_files,
    comments = excluded.comments, reverts = excluded.reverts,
    cherry_picked_from = excluded.cherry_picked_from, updated_at = excluded.updated_at
WHERE excluded.updated_at >= t.updated_at AND (
    t.repository_id, t.number, t.title, t.url, t.author_name, t.author_email, t.author_handle, t.author_bot,
    t.author_key, t.co_authors, t.base_branch, t.landing, t.first_commit_at, t.first_commit_estimated,
    t.opened_at, t.ready_at, t.first_review_at, t.approved_at, t.merged_at, t.closed_at, t.pauses,
    t.review_rounds, t.self_merged, t.first_commit,
    t.landing_commit, t.position, t.draft, t.labels, t.closes, t.commits, t.additions, t.deletions,
    t.changed_files, t.comments, t.reverts, t.cherry_picked_from, t.updated_at
) IS DISTINCT FROM (
    excluded.repository_id, excluded.number, excluded.title, excluded.url, excluded.author_name,
    excluded.author_email, excluded.author_handle, excluded.author_bot, excluded.author_key,
    excluded.co_authors, excluded.base_branch, excluded.landing, excluded.first_commit_at,
    excluded.first_commit_estimated, excluded.opened_at, excluded.ready_at, excluded.first_review_at,
    excluded.approved_at, excluded.merged_at, excluded.closed_at, excluded.pauses, excluded.review_rounds,
    excluded.self_merged, excluded.first_commit,
    excluded.landing_commit, excluded.position, excluded.draft, excluded.labels, excluded.closes,
    excluded.commits, excluded.additions, excluded.deletions, excluded.changed_files,
    excluded.comments, excluded.reverts, excluded.cherry_picked_from, excluded.updated_at
)
RETURNING json_array(id, repository_id)
