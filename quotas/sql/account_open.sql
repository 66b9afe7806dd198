-- The account of the current period exists after this, with the limit of the present plan; the server's clock decides
-- which period that is. One whose limit was lowered below what is allotted is granted nothing that would write the new
-- one, and whoever is told of shares of it (thresholds_reach.sql) would wait in vain. Nothing is written when both hold.
insert into gsb.quota_account as a (organisation_id, application_id, policy, period_start, period_end, lim)
select
  $1::bigint,
  $2::bigint,
  $3::text,
  started,
  (started at time zone 'UTC' + ('1 ' || $4::text)::interval) at time zone 'UTC',
  $5::bigint
from date_trunc($4::text, now(), 'UTC') as started
on conflict (organisation_id, application_id, policy, period_start) do update
set lim = greatest(a.allotted, excluded.lim)
where a.lim <> greatest(a.allotted, excluded.lim)
