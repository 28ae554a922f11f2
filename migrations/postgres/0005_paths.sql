-- The files that pull requests touch.

-- Apart from their rows: only who asks for a part of a repository reads this.
CREATE TABLE pull_request_paths (
    tenant          TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    pull_request_id TEXT COLLATE "C" NOT NULL,
    document        TEXT NOT NULL,
    PRIMARY KEY (tenant, pull_request_id)
);
