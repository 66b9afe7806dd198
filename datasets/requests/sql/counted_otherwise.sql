-- Requests that still run at $1 and were counted by another calendar than $2, at most $3: locked.
select id, asked_at, due_at
from gsb.data_request
where state in ('open', 'acknowledged') and due_at > $1::timestamptz and calendar <> $2::text
order by due_at, id
limit $3
for update skip locked
