-- Which of an application's keys its database time goes to: summed by day beside the rest, from the facts that know it.

alter table gsb.usage_day add column database_us bigint not null default 0;

lock table gsb.usage_fact in share row exclusive mode;
create or replace function gsb.usage_day_add() returns trigger language plpgsql as $$
begin
  insert into gsb.usage_day as d
    (application_id, day, key_id, dataset_id, requests, points, bytes, errors, ms, database_us)
  select
    application_id, (second at time zone 'UTC')::date, key_id, dataset_id,
    sum(requests), sum(points), sum(bytes), sum(errors), sum(ms), sum(database_us)
  from added
  group by 1, 2, 3, 4
  order by 1, 2, 3, 4
  on conflict (application_id, day, key_id, dataset_id) do update set
    requests = d.requests + excluded.requests,
    points = d.points + excluded.points,
    bytes = d.bytes + excluded.bytes,
    errors = d.errors + excluded.errors,
    ms = d.ms + excluded.ms,
    database_us = d.database_us + excluded.database_us;
  return null;
end $$;

update gsb.usage_day as d
set database_us = f.database_us
from (
  select application_id, (second at time zone 'UTC')::date as day, key_id, dataset_id, sum(database_us) as database_us
  from gsb.usage_fact
  where database_us > 0
  group by 1, 2, 3, 4
) as f
where (d.application_id, d.day, d.key_id, d.dataset_id) = (f.application_id, f.day, f.key_id, f.dataset_id);
