-- Withdrawn before it was published.
update gsb.submission set state = 'withdrawn', reason = $2::text, ended_at = now() where id = $1::text
