-- Nobody else may write this tenant's teams until this write ends. SQLite has one writer at a time: it is so already.
SELECT 'locked' WHERE $1 IS NOT NULL
