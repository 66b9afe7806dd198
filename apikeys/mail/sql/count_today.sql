-- How many mails address $1 was sent within a day, those that wait included; lock the address first.
select count(*)
from gsb.mail
where lower(to_address) = lower($1::text)
and created_at > now() - interval '1 day'
