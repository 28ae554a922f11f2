-- What a collector by schedule planned, and how it ended.

CREATE TABLE slots (
    tenant     TEXT    NOT NULL DEFAULT 'default',
    at         INTEGER NOT NULL, -- the instant of the schedule
    run        TEXT    NOT NULL, -- who planned it
    planned_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE slot_groups (
    tenant   TEXT    NOT NULL DEFAULT 'default',
    slot     INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    scopes   TEXT    NOT NULL, -- a JSON array
    attempt  INTEGER NOT NULL, -- how often it was handed on
    outcome  TEXT,
    ended_at INTEGER,          -- NULL: not yet
    PRIMARY KEY (tenant, slot, number)
) STRICT, WITHOUT ROWID;
