-- Addresses of requests that came to an end before $1 and will not be written to any more.
update gsb.data_request
set contact = null
where contact is not null and changed_at < $1::timestamptz and state not in ('open', 'acknowledged')
