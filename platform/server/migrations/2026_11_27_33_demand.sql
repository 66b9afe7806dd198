-- What is asked for and withheld, by day and organisation: the day and the sums, never what else was in a query.

create table gsb.demand_day (
  day date not null,                  -- in UTC
  dataset_id bigint not null,
  field text not null,                -- the column; '' for a dataset that is withheld whole
  organisation_id bigint not null,
  requests bigint not null check (requests > 0),
  primary key (dataset_id, field, day, organisation_id)
);
create index demand_day_by_day on gsb.demand_day (day);

-- How far each worker has written: a batch that is sent twice counts once.
create table gsb.demand_worker (
  worker_boot uuid primary key,
  seq bigint not null,
  at timestamptz not null default now()
);
create index demand_worker_by_age on gsb.demand_worker (at);
