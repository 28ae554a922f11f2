-- Nobody else may write this tenant's teams until this write ends: they follow from more than one row. (Any first number
-- does that nobody else in the database locks by.)
SELECT pg_advisory_xact_lock(1684368500, hashtext($1))::text
