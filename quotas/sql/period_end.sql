-- When the current period ends, and how long it lasts, by the server's clock.
select period_end, extract(epoch from period_end - clock_timestamp())::float8 as seconds_left
from (
  select (date_trunc($1::text, now(), 'UTC') at time zone 'UTC' + ('1 ' || $1::text)::interval) at time zone 'UTC'
) as period (period_end)
