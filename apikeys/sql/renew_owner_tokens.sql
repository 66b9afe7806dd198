-- The oldest owner of organisation $1 gets the next token generation, which voids all their earlier tokens.
update gsb.person
set token_generation = token_generation + 1
where id = (
  select id
  from gsb.person
  where organisation_id = $1::bigint and role = 'owner' and removed_at is null
  order by id
  limit 1
)
returning id, token_generation
