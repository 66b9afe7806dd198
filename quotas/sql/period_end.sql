-- When the current period ends, by the server's clock.
select (date_trunc($1::text, now(), 'UTC') at time zone 'UTC' + ('1 ' || $1::text)::interval) at time zone 'UTC'
