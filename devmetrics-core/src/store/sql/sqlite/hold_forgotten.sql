-- Until this write ends, nobody more is forgotten. SQLite has one writer at a time: it is so already.
SELECT 'held' WHERE $1 IS NOT NULL
