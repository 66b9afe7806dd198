-- Usage by day, kept by the database itself as facts come in: exact whoever writes them, and a month is thirty rows.

create table gsb.usage_day (
  application_id bigint not null,
  day date not null,                       -- in UTC
  key_id text not null,
  dataset_id bigint not null,              -- 0 the whole answers; -1 answers that touched no dataset
  requests bigint not null,
  points bigint not null,
  bytes bigint not null,
  errors bigint not null,
  ms bigint not null,
  primary key (application_id, day, key_id, dataset_id)
);
create index usage_day_by_dataset on gsb.usage_day (dataset_id, day);

-- Only rows that were really inserted are in `added`: a batch that is sent twice counts once here too. In one order, so
-- that two writers cannot block each other.
create function gsb.usage_day_add() returns trigger language plpgsql as $$
begin
  insert into gsb.usage_day as d
    (application_id, day, key_id, dataset_id, requests, points, bytes, errors, ms)
  select
    application_id, (second at time zone 'UTC')::date, key_id, dataset_id,
    sum(requests), sum(points), sum(bytes), sum(errors), sum(ms)
  from added
  group by 1, 2, 3, 4
  order by 1, 2, 3, 4
  on conflict (application_id, day, key_id, dataset_id) do update set
    requests = d.requests + excluded.requests,
    points = d.points + excluded.points,
    bytes = d.bytes + excluded.bytes,
    errors = d.errors + excluded.errors,
    ms = d.ms + excluded.ms;
  return null;
end $$;

lock table gsb.usage_fact in share row exclusive mode;
create trigger usage_day_add after insert on gsb.usage_fact
  referencing new table as added for each statement execute function gsb.usage_day_add();
insert into gsb.usage_day (application_id, day, key_id, dataset_id, requests, points, bytes, errors, ms)
select
  application_id, (second at time zone 'UTC')::date, key_id, dataset_id,
  sum(requests), sum(points), sum(bytes), sum(errors), sum(ms)
from gsb.usage_fact
group by 1, 2, 3, 4;

-- The check of every minute adds up the leases of two months.
create index quota_lease_by_period on gsb.quota_lease (period_start);

-- What must never happen and did: open until somebody has looked into it.
create table gsb.incident (
  id bigint generated always as identity primary key,
  kind text not null,
  subject text not null,
  details jsonb not null,
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  closed_at timestamptz
);
create unique index incident_open on gsb.incident (kind, subject) where closed_at is null;
