-- Operator $1 gets another secret, which voids the one before.
update gsb.person
set secret_digest = $2::bytea, secret_pepper = $3::integer
where id = $1::bigint and role = 'operator' and removed_at is null
