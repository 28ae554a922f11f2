-- The teams are about to be written anew.
DELETE FROM teams WHERE tenant = $1
