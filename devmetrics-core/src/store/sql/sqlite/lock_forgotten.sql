-- Until this write ends, nobody else writes what may name somebody. SQLite has one writer at a time: it is so already.
SELECT 'locked' WHERE $1 IS NOT NULL
