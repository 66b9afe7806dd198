-- Up to $1 mails that are due, given to this process for five minutes; another one takes them over after that. A mail is
-- tried ten times, each time after twice as long.
update gsb.mail
set tries = tries + 1, next_try_at = now() + greatest(interval '5 minutes', interval '1 minute' * power(2, tries))
where id in (
  select id from gsb.mail
  where sent_at is null and next_try_at <= now() and tries < 10
  order by id
  limit $1::int
  for update skip locked
)
returning id, to_address, subject, body
