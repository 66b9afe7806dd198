-- The key without a successor gets its end: it signs until $1 and is refused from $2 on.
update gsb.signing_key
set active_until = $1, retired_from = $2
where active_until is null
