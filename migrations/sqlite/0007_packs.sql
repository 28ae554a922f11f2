-- Samples of a repository, packed: what a report over years reads instead of a row for each.

ALTER TABLE repositories ADD COLUMN version INTEGER NOT NULL DEFAULT 1; -- one more whenever a sample of it may be another

-- A pack is good as long as it is of its repository's version; whoever finds none reads the rows.
CREATE TABLE packs (
    tenant        TEXT    NOT NULL DEFAULT 'default',
    repository_id TEXT    NOT NULL,
    part          INTEGER NOT NULL, -- 0, 1, …: there is at least one
    version       INTEGER NOT NULL, -- repositories.version
    format        INTEGER NOT NULL, -- how the samples are written
    samples_count INTEGER NOT NULL,
    from_at       INTEGER NOT NULL, -- no sample has to do with a window that ends by this
    to_at         INTEGER NOT NULL, -- nor with one that begins after this
    samples       BLOB    NOT NULL,
    PRIMARY KEY (tenant, repository_id, part)
) STRICT;
