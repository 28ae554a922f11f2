-- The files that pull requests touch.

-- Apart from their rows: only who asks for a part of a repository reads this.
CREATE TABLE pull_request_paths (
    tenant          TEXT NOT NULL DEFAULT 'default',
    pull_request_id TEXT NOT NULL,
    document        TEXT NOT NULL,
    PRIMARY KEY (tenant, pull_request_id)
) STRICT;

-- What SQLite should assume of a store, as in the first migration.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('pull_request_paths', 'sqlite_autoindex_pull_request_paths_1', '1000000 1000000 1');
ANALYZE sqlite_schema;
