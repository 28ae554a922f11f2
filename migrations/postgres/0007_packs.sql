-- Samples of repositories and teams, packed: what a report over years reads instead of a row for each.

ALTER TABLE repositories ADD COLUMN version BIGINT NOT NULL DEFAULT 1; -- one more whenever a sample of it may be another

-- The same of a team; none before its first change.
CREATE TABLE team_versions (
    tenant  TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    team_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, team_id)
);

INSERT INTO team_versions (tenant, team_id, version)
SELECT DISTINCT tenant, team_id, 1 FROM pull_request_teams;

-- A pack is good as long as it is of its owner's version; whoever finds none reads the rows.
CREATE TABLE packs (
    tenant        TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    owner_kind    TEXT COLLATE "C" NOT NULL, -- repository, team
    owner_id      TEXT COLLATE "C" NOT NULL,
    part          BIGINT NOT NULL, -- 0, 1, …: there is at least one
    version       BIGINT NOT NULL, -- repositories.version, team_versions.version
    format        BIGINT NOT NULL, -- how the samples are written
    samples_count BIGINT NOT NULL,
    from_at       BIGINT NOT NULL, -- no sample has to do with a window that ends by this
    to_at         BIGINT NOT NULL, -- nor with one that begins after this
    samples       BYTEA  NOT NULL,
    PRIMARY KEY (tenant, owner_kind, owner_id, part)
);

-- Packs are dense already.
ALTER TABLE packs ALTER COLUMN samples SET STORAGE EXTERNAL;
