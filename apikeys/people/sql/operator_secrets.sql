-- The digests of the secrets of operators who were not removed, by person; few, so all are compared.
select id, secret_digest, secret_pepper
from gsb.person
where role = 'operator' and removed_at is null and secret_digest is not null
order by id
