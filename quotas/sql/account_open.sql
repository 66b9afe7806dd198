-- The account of the current period exists after this, once; the server's clock decides which period that is.
insert into gsb.quota_account (organisation_id, application_id, policy, period_start, period_end, lim)
select
  $1::bigint,
  $2::bigint,
  $3::text,
  started,
  (started at time zone 'UTC' + ('1 ' || $4::text)::interval) at time zone 'UTC',
  $5::bigint
from date_trunc($4::text, now(), 'UTC') as started
on conflict do nothing
