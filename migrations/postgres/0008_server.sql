-- How often what was collected has changed, and who may ask for it over HTTP.

-- A count of changes. A write moves one shard of it, so that collectors side by side do not wait for one row; the version of
-- the data is the sum.
CREATE TABLE data_versions (
    tenant  TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    shard   BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, shard)
);

CREATE TABLE api_keys (
    tenant       TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    id           TEXT COLLATE "C" NOT NULL, -- the public first part of the key
    hash         TEXT   NOT NULL, -- SHA-256 of the whole key, in hexadecimal; the key itself is kept nowhere
    name         TEXT   NOT NULL,
    scope        TEXT   NOT NULL,
    team_id      TEXT, -- all that it sees, with the teams below; NULL: everything
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    last_used_at BIGINT, -- to the minute
    PRIMARY KEY (tenant, id)
);
