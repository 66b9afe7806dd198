-- A new operator with the digest of their secret; address and account are unique among those who were not removed.
insert into gsb.person (name, email, account, role, secret_digest, secret_pepper)
values ($1::text, $2::text, $3::text, 'operator', $4::bytea, $5::integer)
returning id, name, email, role, created_at, account
