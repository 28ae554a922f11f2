-- Which slots of the schedule lie in [$2, $3), and how did their groups go?
SELECT json_build_array(slots.at, slots.run, slots.planned_at, planned.number, planned.scopes::json, planned.attempt,
    planned.outcome, planned.ended_at)::text
FROM slots
LEFT JOIN slot_groups AS planned ON planned.tenant = slots.tenant AND planned.slot = slots.at
WHERE slots.tenant = $1 AND slots.at >= $2 AND slots.at < $3
ORDER BY slots.at, planned.number
