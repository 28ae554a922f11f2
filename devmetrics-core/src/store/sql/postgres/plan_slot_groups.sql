-- The groups of the slot at $2: of each its scopes.
INSERT INTO slot_groups (tenant, slot, number, scopes, attempt)
SELECT $1, $2, groups.place - 1, groups.scopes::text, 0
FROM json_array_elements(CAST($3 AS json)) WITH ORDINALITY AS groups (scopes, place)
