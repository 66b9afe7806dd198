-- For each key that ends within 30 days of $1: notes the least of 30, 7 and 1 days that it ends within, unless that is
-- noted already, and gives back what was noted, with whom to write to. A key that was replaced needs no warning. Of two
-- processes that do this at once one notes each.
with due as (
  select
    k.id,
    k.expires_at,
    (
      select min(days) from unnest(array[30, 7, 1]) as days
      where k.expires_at <= $1::timestamptz + make_interval(days => days)
    ) as days
  from gsb.api_key as k
  where k.state = 'active'
  and k.expires_at > $1::timestamptz
  and k.expires_at <= $1::timestamptz + interval '30 days'
), noted as (
  insert into gsb.key_warning (key_id, days, expires_at, at)
  select id, days, expires_at, $1::timestamptz from due
  on conflict do nothing
  returning key_id, days
)
select
  k.id, k.label, k.hint, k.expires_at, noted.days, p.email, a.organisation_id, k.agency_id
from noted
join gsb.api_key as k on k.id = noted.key_id
join gsb.person as p on p.id = k.person_id
left join gsb.application as a on a.id = k.application_id
order by k.expires_at, k.id
