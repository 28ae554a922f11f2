-- Who was asked to be forgotten. Nothing here names anybody.

-- By which key marks are made; random, and made with the first of them.
CREATE TABLE forgetting_keys (
    tenant TEXT NOT NULL DEFAULT 'default',
    key    TEXT NOT NULL, -- 32 bytes, in hexadecimal
    PRIMARY KEY (tenant)
) STRICT, WITHOUT ROWID;

-- A mark for each name of theirs: a keyed hash, by which the name is recognised when it comes again.
CREATE TABLE forgotten (
    tenant       TEXT    NOT NULL DEFAULT 'default',
    mark         TEXT    NOT NULL, -- in hexadecimal
    forgotten_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, mark)
) STRICT, WITHOUT ROWID;
