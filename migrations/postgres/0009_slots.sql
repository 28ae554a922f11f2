-- What a collector by schedule planned, and how it ended.

CREATE TABLE slots (
    tenant     TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    at         BIGINT NOT NULL, -- the instant of the schedule
    run        TEXT   NOT NULL, -- who planned it
    planned_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, at)
);

CREATE TABLE slot_groups (
    tenant   TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    slot     BIGINT NOT NULL,
    number   BIGINT NOT NULL,
    scopes   TEXT   NOT NULL, -- a JSON array
    attempt  BIGINT NOT NULL, -- how often it was handed on
    outcome  TEXT,
    ended_at BIGINT, -- NULL: not yet
    PRIMARY KEY (tenant, slot, number)
);
