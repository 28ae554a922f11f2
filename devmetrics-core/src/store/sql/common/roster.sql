-- Who belongs to which team?
SELECT document FROM roster WHERE tenant = $1
