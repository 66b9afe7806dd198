-- Person $1 is gone from $2 on, and every token of theirs is void; the row stays, because the audit names it.
update gsb.person
set removed_at = $2::timestamptz, token_generation = token_generation + 1
where id = $1::bigint
