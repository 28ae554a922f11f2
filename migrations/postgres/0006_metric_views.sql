-- The views of every DORA metric by team and ISO week, and the facts that they are made of. Same names and columns on
-- SQLite; what each column means is in docs/views.md.
--
-- Views know nothing of the configuration: what counts was released to the environment `production` and merged to the
-- repository's default branch, by the policy `full`, in UTC and wall time.

-- Whether a commit was deployed before is asked of every deployment.
CREATE INDEX deployments_commit ON deployments (tenant, repository_id, commit_id, finished_at, id);

-- The weeks of which a team's counts are known: from its first member or the begin of what was collected, whichever is
-- later, to the end of what was collected.
CREATE VIEW team_weeks AS
WITH covered AS (
    -- Teams, issues and lists of repositories hold no report back. Who knows deployments alone begins with them.
    SELECT
        tenant,
        coalesce(min(covered_from) FILTER (WHERE kind IN ('changes', 'pull_requests')), min(covered_from)) AS first,
        CASE WHEN count(*) = count(covered_to) THEN min(covered_to) END AS last
    FROM feeds
    WHERE kind IN ('changes', 'pull_requests', 'deployments', 'releases')
    GROUP BY tenant
),
known_teams AS (
    SELECT tenant, team_id, starts_at FROM teams
    UNION ALL
    SELECT tenant, 'unassigned', NULL FROM covered
),
spans AS (
    SELECT t.tenant, t.team_id, greatest(c.first, t.starts_at) AS first, c.last
    FROM known_teams AS t
    JOIN covered AS c ON c.tenant = t.tenant
)
SELECT
    tenant,
    team_id,
    (to_timestamp(week) AT TIME ZONE 'UTC')::date AS week_start,
    (least(last, week + 604800) - greatest(first, week)) / 86400.0::double precision AS observed_days
FROM spans
-- Monday is day 4 of the epoch, which began on a Thursday.
CROSS JOIN generate_series((first + 259200) / 604800 * 604800 - 259200, last - 1, 604800) AS w (week)
WHERE first < last;

-- One row per team and pull request.
CREATE OR REPLACE VIEW team_pull_request_facts AS
SELECT
    s.tenant,
    s.team_id,
    coalesce(team.name, s.team_id) AS team_name,
    p.id AS pull_request_id,
    p.repository_id,
    coalesce(r.name, p.repository_id) AS repository,
    p.number,
    p.title,
    p.url,
    coalesce(p.author_name, p.author_handle, p.author_email) AS author,
    p.author_key,
    p.is_bot,
    s.weight,
    s.is_primary,
    s.is_direct,
    p.landing,
    p.base_branch,
    to_timestamp(p.first_commit_at) AS first_commit_at,
    p.first_commit_estimated,
    to_timestamp(p.opened_at) AS opened_at,
    to_timestamp(p.ready_at) AS ready_at,
    to_timestamp(p.first_review_at) AS first_review_at,
    to_timestamp(p.approved_at) AS approved_at,
    to_timestamp(p.merged_at) AS merged_at,
    to_timestamp(p.deployed_at) AS deployed_at,
    p.deployment_id,
    p.deployment_match,
    EXISTS (
        SELECT 1
        FROM pull_request_reverts AS v
        JOIN pull_requests AS later ON later.tenant = v.tenant AND later.id = v.pull_request_id
        WHERE v.tenant = p.tenant AND v.reverted_commit = p.landing_commit
            AND later.repository_id = p.repository_id AND later.merged_at >= p.merged_at AND later.id <> p.id
    ) AS reverted,
    -- without R, what lies before the first known milestone is not divided; without V, nothing after R is
    p.made_ready_at - p.begun_at AS coding_seconds,
    p.reviewed_at - p.made_ready_at AS pickup_seconds,
    CASE WHEN p.reviewed_at IS NOT NULL
        THEN coalesce(p.held_at, p.merged_at) - p.reviewed_at END AS review_seconds,
    CASE WHEN p.reviewed_at IS NOT NULL THEN p.merged_at - p.held_at END AS merge_seconds,
    CASE WHEN p.reviewed_at IS NULL THEN p.merged_at - p.made_ready_at END AS unreviewed_wait_seconds,
    CASE WHEN p.made_ready_at IS NULL
        THEN coalesce(p.reviewed_at, p.merged_at) - p.begun_at END AS undivided_seconds,
    p.deployed_at - p.merged_at AS deploy_seconds,
    p.merged_at - p.begun_at AS cycle_seconds,
    p.deployed_at - p.begun_at AS lead_seconds,
    p.additions,
    p.deletions,
    p.changed_files,
    p.commits,
    to_timestamp(p.closed_at) AS closed_at,
    p.draft AS is_draft,
    -- a git history does not tell of drafts
    CASE WHEN p.opened_at IS NOT NULL THEN (
        SELECT coalesce(sum((pause ->> 1)::bigint - (pause ->> 0)::bigint), 0)::bigint
        FROM json_array_elements(p.pauses::json) AS pause
    ) END AS paused_seconds,
    p.position IS NOT NULL AS on_base_branch,
    p.review_rounds > 0 AS reviewed,
    CASE WHEN p.review_rounds IS NOT NULL THEN p.approved_at IS NOT NULL END AS approved,
    p.review_rounds,
    p.self_merged,
    p.comments,
    p.labels
FROM pull_request_teams AS s
JOIN (
    SELECT
        cut.*,
        -- An R after V is none: the change was ready for V when it was opened.
        coalesce(CASE WHEN reviewed_at IS NULL OR ready_at <= reviewed_at THEN ready_at END, opened_at) AS made_ready_at
    FROM (
        SELECT
            pull_requests.*,
            -- The work begins with the first commit, or with the opening where that is earlier or no commit is known.
            CASE WHEN first_commit_at IS NULL OR opened_at < first_commit_at
                THEN opened_at ELSE first_commit_at END AS begun_at,
            -- What was said after the merge is no review.
            CASE WHEN merged_at IS NULL OR first_review_at <= merged_at THEN first_review_at END AS reviewed_at,
            CASE WHEN merged_at IS NULL OR approved_at <= merged_at THEN approved_at END AS held_at
        FROM pull_requests
    ) AS cut
) AS p ON p.tenant = s.tenant AND p.id = s.pull_request_id
LEFT JOIN teams AS team ON team.tenant = s.tenant AND team.team_id = s.team_id
LEFT JOIN repositories AS r ON r.tenant = p.tenant AND r.id = p.repository_id;

-- One row per deployment, whoever deployed.
CREATE VIEW deployment_facts AS
SELECT
    d.tenant,
    d.id AS deployment_id,
    d.repository_id,
    coalesce(
        (SELECT r.name FROM repositories AS r WHERE r.tenant = d.tenant AND r.id = d.repository_id),
        d.repository_id
    ) AS repository,
    d.environment,
    d.status,
    to_timestamp(d.finished_at) AS finished_at,
    d.reference,
    d.commit_id,
    d.url,
    coalesce(d.creator_name, d.creator_handle, d.creator_email) AS deployer,
    d.is_bot,
    d.is_redeploy,
    d.is_known AND NOT d.is_redeploy AS is_rollback,
    EXISTS (
        SELECT 1 FROM failures AS f
        WHERE f.tenant = d.tenant AND f.repository_id = d.repository_id AND f.deployment_id = d.id AND f.rule <> 'time'
    ) AS failed_strict,
    EXISTS (
        SELECT 1 FROM failures AS f
        WHERE f.tenant = d.tenant AND f.repository_id = d.repository_id AND f.deployment_id = d.id
    ) AS failed_inclusive,
    (SELECT f.rule FROM failures AS f
     WHERE f.tenant = d.tenant AND f.repository_id = d.repository_id AND f.deployment_id = d.id
     ORDER BY CASE f.rule WHEN 'explicit' THEN 1 WHEN 'rollback' THEN 2 WHEN 'fix' THEN 3 ELSE 4 END
     LIMIT 1) AS failed_by,
    to_timestamp(d.recovered_at) AS recovered_at,
    d.recovered_at - d.finished_at AS recovery_seconds,
    d.rework
FROM (
    SELECT
        deployments.*,
        -- the running commit again
        coalesce(commit_id = (
            SELECT before.commit_id FROM deployments AS before
            WHERE before.tenant = deployments.tenant AND before.repository_id = deployments.repository_id
                AND before.environment = deployments.environment AND before.status = 'success'
                AND (before.finished_at, before.id) < (deployments.finished_at, deployments.id)
            ORDER BY before.finished_at DESC, before.id DESC
            LIMIT 1
        ), false) AS is_redeploy,
        -- a commit that was deployed before
        EXISTS (
            SELECT 1 FROM deployments AS before
            WHERE before.tenant = deployments.tenant AND before.repository_id = deployments.repository_id
                AND before.commit_id = deployments.commit_id
                AND before.environment = deployments.environment AND before.status = 'success'
                AND (before.finished_at, before.id) < (deployments.finished_at, deployments.id)
        ) AS is_known,
        -- By the first deployment that mended it, or when the last of its incidents was resolved, whichever came first.
        (SELECT min(ended_at) FROM (
            SELECT min(f.ended_at) AS ended_at FROM failures AS f
            WHERE f.tenant = deployments.tenant AND f.repository_id = deployments.repository_id
                AND f.deployment_id = deployments.id AND f.remedy_id IS NOT NULL
            UNION ALL
            SELECT CASE WHEN count(*) = count(f.ended_at) THEN max(f.ended_at) END FROM failures AS f
            WHERE f.tenant = deployments.tenant AND f.repository_id = deployments.repository_id
                AND f.deployment_id = deployments.id AND f.remedy_id IS NULL
        ) AS ends) AS recovered_at
    FROM deployments
) AS d;

-- One row per team and deployment: that of the deployer.
CREATE VIEW team_deployment_facts AS
SELECT
    s.tenant,
    s.team_id,
    coalesce(team.name, s.team_id) AS team_name,
    d.deployment_id,
    d.repository_id,
    d.repository,
    d.environment,
    d.status,
    d.finished_at,
    d.reference,
    d.commit_id,
    d.url,
    d.deployer,
    d.is_bot,
    s.weight,
    s.is_primary,
    s.is_direct,
    d.is_redeploy,
    d.is_rollback,
    d.failed_strict,
    d.failed_inclusive,
    d.failed_by,
    d.recovered_at,
    d.recovery_seconds,
    d.rework
FROM deployment_teams AS s
JOIN deployment_facts AS d ON d.tenant = s.tenant AND d.deployment_id = s.deployment_id
LEFT JOIN teams AS team ON team.tenant = s.tenant AND team.team_id = s.team_id;

-- One row per team and incident.
CREATE VIEW team_incident_facts AS
SELECT
    s.tenant,
    s.team_id,
    coalesce(team.name, s.team_id) AS team_name,
    i.id AS incident_id,
    i.repository_id,
    coalesce(r.name, i.repository_id) AS repository,
    i.number,
    i.title,
    i.url,
    coalesce(i.author_name, i.author_handle, i.author_email) AS author,
    i.is_bot,
    s.weight,
    s.is_primary,
    s.is_direct,
    i.labels,
    i.caused_by,
    to_timestamp(i.started_at) AS started_at,
    to_timestamp(i.resolved_at) AS resolved_at,
    i.resolved_at - i.started_at AS restore_seconds
FROM incident_teams AS s
JOIN incidents AS i ON i.tenant = s.tenant AND i.id = s.incident_id
LEFT JOIN teams AS team ON team.tenant = s.tenant AND team.team_id = s.team_id
LEFT JOIN repositories AS r ON r.tenant = i.tenant AND r.id = i.repository_id;

-- Merged pull requests of people. A quiet week is a row with 0, a week that is not known is no row.
CREATE OR REPLACE VIEW team_velocity_weekly AS
SELECT
    w.tenant,
    w.team_id,
    w.week_start,
    count(p.id) AS merged,
    count(DISTINCT p.author_key) AS distinct_authors,
    CASE WHEN count(p.id) = 0 THEN 0 ELSE sum(p.additions)::bigint END AS additions,
    CASE WHEN count(p.id) = 0 THEN 0 ELSE sum(p.deletions)::bigint END AS deletions
FROM team_weeks AS w
LEFT JOIN pull_request_teams AS s ON s.tenant = w.tenant AND s.team_id = w.team_id
    AND s.merged_at >= extract(epoch FROM w.week_start)::bigint
    AND s.merged_at < extract(epoch FROM w.week_start)::bigint + 604800
LEFT JOIN pull_requests AS p ON p.tenant = s.tenant AND p.id = s.pull_request_id AND p.position IS NOT NULL
    AND NOT p.is_bot AND p.landing IS DISTINCT FROM 'direct_push'
GROUP BY w.tenant, w.team_id, w.week_start;

-- Change lead time by the week of the deployment. A week without such a deployment is no row.
CREATE OR REPLACE VIEW team_lead_time_weekly AS
WITH leads AS (
    SELECT
        s.tenant,
        s.team_id,
        date_trunc('week', to_timestamp(s.deployed_at) AT TIME ZONE 'UTC')::date AS week_start,
        greatest(s.deployed_at - p.begun_at, 0) AS seconds
    FROM pull_request_teams AS s
    JOIN (
        -- The work begins with the first commit, or with the opening where that is earlier or no commit is known.
        SELECT
            pull_requests.*,
            CASE WHEN first_commit_at IS NULL OR opened_at < first_commit_at THEN opened_at ELSE first_commit_at END AS begun_at
        FROM pull_requests
    ) AS p ON p.tenant = s.tenant AND p.id = s.pull_request_id
    WHERE s.deployed_at IS NOT NULL AND p.position IS NOT NULL
        AND NOT p.is_bot AND p.landing IS DISTINCT FROM 'direct_push'
        AND s.deployed_at - p.begun_at >= -60
)
SELECT
    tenant,
    team_id,
    week_start,
    count(*) AS n,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50_seconds,
    percentile_cont(0.75) WITHIN GROUP (ORDER BY seconds) AS p75_seconds,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) AS p90_seconds
FROM leads
GROUP BY tenant, team_id, week_start;

-- Distinct successful deployments. A quiet week is a row with 0; of a team whose members were never known to deploy, and of
-- a week that is not known, there is no row.
CREATE VIEW team_deployment_frequency_weekly AS
SELECT
    w.tenant,
    w.team_id,
    w.week_start,
    count(*) FILTER (WHERE d.status = 'success' AND NOT d.is_redeploy AND NOT d.is_rollback) AS deployments,
    count(*) FILTER (WHERE d.status = 'success' AND NOT d.is_redeploy AND NOT d.is_rollback) / max(w.observed_days)
        AS per_day,
    count(DISTINCT (d.finished_at AT TIME ZONE 'UTC')::date)
        FILTER (WHERE d.status = 'success' AND NOT d.is_redeploy AND NOT d.is_rollback) AS deploy_days,
    count(*) FILTER (WHERE d.status = 'success' AND d.is_redeploy) AS redeploys,
    count(*) FILTER (WHERE d.status = 'success' AND d.is_rollback) AS rollbacks,
    count(*) FILTER (WHERE d.status <> 'success') AS not_successful
FROM team_weeks AS w
LEFT JOIN deployment_teams AS s ON s.tenant = w.tenant AND s.team_id = w.team_id
    AND s.finished_at >= extract(epoch FROM w.week_start)::bigint
    AND s.finished_at < extract(epoch FROM w.week_start)::bigint + 604800
LEFT JOIN deployment_facts AS d ON d.tenant = s.tenant AND d.deployment_id = s.deployment_id
    AND d.environment = 'production'
WHERE EXISTS (SELECT 1 FROM deployment_teams AS known WHERE known.tenant = w.tenant AND known.team_id = w.team_id)
GROUP BY w.tenant, w.team_id, w.week_start;

-- Failed deployments of the distinct successful ones, by the week of their finish. A week without one is no row.
CREATE VIEW team_change_fail_rate_weekly AS
SELECT
    tenant,
    team_id,
    week_start,
    deployments,
    failed_strict,
    failed_inclusive,
    -- Where nobody tells of incidents, no failure found is no answer.
    CASE WHEN failed_strict > 0 OR told THEN failed_strict::double precision / deployments END AS rate_strict,
    CASE WHEN failed_inclusive > 0 OR told THEN failed_inclusive::double precision / deployments END AS rate_inclusive
FROM (
    SELECT
        tenant,
        team_id,
        date_trunc('week', finished_at AT TIME ZONE 'UTC')::date AS week_start,
        count(*) AS deployments,
        count(*) FILTER (WHERE failed_strict) AS failed_strict,
        count(*) FILTER (WHERE failed_inclusive) AS failed_inclusive,
        EXISTS (
            SELECT 1 FROM feeds
            WHERE feeds.tenant = d.tenant AND feeds.kind IN ('issues', 'incidents') AND feeds.covered_from IS NOT NULL
        ) AS told
    FROM team_deployment_facts AS d
    WHERE environment = 'production' AND status = 'success' AND NOT is_redeploy AND NOT is_rollback
    GROUP BY tenant, team_id, week_start
) AS counted;

-- Failed deployment recovery time, by the week of the recovery. A week without one is no row.
CREATE VIEW team_recovery_time_weekly AS
WITH recoveries AS (
    SELECT
        tenant,
        team_id,
        date_trunc('week', recovered_at AT TIME ZONE 'UTC')::date AS week_start,
        greatest(recovery_seconds, 0) AS seconds
    FROM team_deployment_facts
    WHERE failed_inclusive AND environment = 'production' AND recovery_seconds >= -60
)
SELECT
    tenant,
    team_id,
    week_start,
    count(*) AS n,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50_seconds,
    percentile_cont(0.75) WITHIN GROUP (ORDER BY seconds) AS p75_seconds,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) AS p90_seconds
FROM recoveries
GROUP BY tenant, team_id, week_start;

-- Unplanned fixes of all successful deployments but those of the running commit. A week without one is no row.
CREATE VIEW team_rework_rate_weekly AS
SELECT
    tenant,
    team_id,
    date_trunc('week', finished_at AT TIME ZONE 'UTC')::date AS week_start,
    count(*) AS deployments,
    count(rework) AS rework,
    count(*) FILTER (WHERE rework = 'rollback') AS rollbacks,
    count(*) FILTER (WHERE rework = 'revert') AS reverts,
    count(*) FILTER (WHERE rework = 'incident') AS incidents,
    count(*) FILTER (WHERE rework = 'hotfix') AS hotfixes,
    count(rework)::double precision / count(*) AS rate
FROM team_deployment_facts
WHERE environment = 'production' AND status = 'success' AND NOT is_redeploy
GROUP BY tenant, team_id, date_trunc('week', finished_at AT TIME ZONE 'UTC')::date;

-- Time to restore, by the week of the resolution. A week without one is no row.
CREATE VIEW team_time_to_restore_weekly AS
WITH resolved AS (
    SELECT
        tenant,
        team_id,
        date_trunc('week', resolved_at AT TIME ZONE 'UTC')::date AS week_start,
        greatest(restore_seconds, 0) AS seconds
    FROM team_incident_facts
    WHERE restore_seconds >= -60
)
SELECT
    tenant,
    team_id,
    week_start,
    count(*) AS n,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50_seconds,
    percentile_cont(0.75) WITHIN GROUP (ORDER BY seconds) AS p75_seconds,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) AS p90_seconds,
    avg(seconds)::double precision AS mean_seconds
FROM resolved
GROUP BY tenant, team_id, week_start;
