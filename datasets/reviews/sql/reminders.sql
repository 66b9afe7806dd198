-- Submissions that have waited in review for $1 seconds and of which nobody was reminded; marks them, in their agencies' order.
update gsb.submission
set reminded_at = now()
where id in (
  select id from gsb.submission
  where state = 'in_review' and reminded_at is null and in_review_at <= now() - make_interval(secs => $1::float8)
  order by id
  for update skip locked
)
returning id
