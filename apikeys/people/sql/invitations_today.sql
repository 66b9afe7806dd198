-- How many invitations organisation $1 mailed within a day; lock the organisation first.
select count(*)
from gsb.mail_code
where organisation_id = $1::bigint
and purpose = 'invite'
and created_at > now() - interval '1 day'
