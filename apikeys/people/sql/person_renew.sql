-- Person $1 gets the next token generation, which voids all their earlier tokens; no row when they were removed.
update gsb.person
set token_generation = token_generation + 1
where id = $1::bigint and removed_at is null
returning id, token_generation
