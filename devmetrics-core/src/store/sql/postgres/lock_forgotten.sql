-- Until this write ends, nobody else writes what may name somebody; who does so already is waited for. (Any first number does that
-- nobody else in the database locks by.)
SELECT pg_advisory_xact_lock(1684368501, hashtext($1))::text
