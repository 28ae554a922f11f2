-- The groups of the slot at $2: of each its scopes.
INSERT INTO slot_groups (tenant, slot, number, scopes, attempt)
SELECT $1, $2, key, value, 0 FROM json_each($3)
