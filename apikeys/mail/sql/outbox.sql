-- The newest $1 mails with their state; the text is empty once a mail was sent.
select id, to_address, subject, body, created_at, sent_at, tries, last_error
from gsb.mail
order by id desc
limit $1::int
