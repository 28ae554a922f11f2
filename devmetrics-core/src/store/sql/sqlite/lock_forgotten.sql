-- Until this write ends, nobody else reads who is forgotten, and so nobody writes. SQLite has one writer at a time: it is so
-- already.
SELECT 'locked'
