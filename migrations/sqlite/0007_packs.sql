-- Samples of repositories and teams, packed: what a report over years reads instead of a row for each.

ALTER TABLE repositories ADD COLUMN version INTEGER NOT NULL DEFAULT 1; -- one more whenever a sample of it may be another

-- The same of a team; none before its first change.
CREATE TABLE team_versions (
    tenant  TEXT    NOT NULL DEFAULT 'default',
    team_id TEXT    NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (tenant, team_id)
) STRICT, WITHOUT ROWID;

INSERT INTO team_versions (tenant, team_id, version)
SELECT DISTINCT tenant, team_id, 1 FROM pull_request_teams;

-- A pack is good as long as it is of its owner's version; whoever finds none reads the rows.
CREATE TABLE packs (
    tenant        TEXT    NOT NULL DEFAULT 'default',
    owner_kind    TEXT    NOT NULL, -- repository, team
    owner_id      TEXT    NOT NULL,
    part          INTEGER NOT NULL, -- 0, 1, …: there is at least one
    version       INTEGER NOT NULL, -- repositories.version, team_versions.version
    format        INTEGER NOT NULL, -- how the samples are written
    samples_count INTEGER NOT NULL,
    from_at       INTEGER NOT NULL, -- no sample has to do with a window that ends by this
    to_at         INTEGER NOT NULL, -- nor with one that begins after this
    samples       BLOB    NOT NULL,
    PRIMARY KEY (tenant, owner_kind, owner_id, part)
) STRICT;
