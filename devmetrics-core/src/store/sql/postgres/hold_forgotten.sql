-- Until this write ends, nobody more is forgotten; others may write at the same time. (The numbers are those of lock_forgotten.)
SELECT pg_advisory_xact_lock_shared(1684368501, hashtext($1))::text
