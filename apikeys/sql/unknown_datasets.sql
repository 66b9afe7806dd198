-- Which of the names in $1 (agency/dataset) are no dataset with a contract in effect, in order; with $2 not null none of
-- that agency.
select name
from unnest($1::text[]) as named (name)
where not exists (
  select
  from gsb.agency as a
  join gsb.dataset as d on d.agency_id = a.id
  where a.slug = split_part(named.name, '/', 1)
  and d.slug = split_part(named.name, '/', 2)
  and d.contract_id is not null
  and ($2::bigint is null or a.id = $2::bigint)
)
order by name
