-- Deployments as they are now; which are new or changed, and of which repository?
-- The places in a row are those of write.rs. An older version never overwrites a newer one. Not overwritten: is_bot and
-- attribution_revision (attributions are applied after the facts).
INSERT INTO deployments AS t (
    tenant, feed, generation,
    id, repository_id, environment, status, finished_at, reference, commit_id, committed_at, contains_to,
    creator_name, creator_email, creator_handle, creator_bot, url, declares, updated_at, is_bot, attribution_revision
)
SELECT
    $1, $2, $3,
    e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, (e.value ->> 4)::bigint, e.value ->> 5,
    e.value ->> 6, (e.value ->> 7)::bigint, (e.value ->> 8)::bigint, e.value ->> 9, e.value ->> 10,
    e.value ->> 11, (e.value ->> 12)::boolean, e.value ->> 13, e.value ->> 14,
    (e.value ->> 15)::bigint, (e.value ->> 16)::boolean, e.value ->> 17
FROM jsonb_array_elements($4::jsonb) AS e (value)
ON CONFLICT (tenant, id) DO UPDATE SET
    feed = excluded.feed,
    generation = excluded.generation,
    repository_id = excluded.repository_id, environment = excluded.environment, status = excluded.status,
    finished_at = excluded.finished_at, reference = excluded.reference, commit_id = excluded.commit_id,
    committed_at = excluded.committed_at, contains_to = excluded.contains_to,
    creator_name = excluded.creator_name, creator_email = excluded.creator_email,
    creator_handle = excluded.creator_handle, creator_bot = excluded.creator_bot, url = excluded.url,
    declares = excluded.declares, updated_at = excluded.updated_at
WHERE excluded.updated_at >= t.updated_at AND (
    t.repository_id, t.environment, t.status, t.finished_at, t.reference, t.commit_id, t.committed_at,
    t.contains_to, t.creator_name, t.creator_email, t.creator_handle, t.creator_bot, t.url, t.declares,
    t.updated_at
) IS DISTINCT FROM (
    excluded.repository_id, excluded.environment, excluded.status, excluded.finished_at, excluded.reference,
    excluded.commit_id, excluded.committed_at, excluded.contains_to, excluded.creator_name,
    excluded.creator_email, excluded.creator_handle, excluded.creator_bot, excluded.url, excluded.declares,
    excluded.updated_at
)
RETURNING json_build_array(id, repository_id)::text
