-- A new operator; address and account are unique among those who were not removed.
insert into gsb.person (name, email, account, role)
values ($1::text, $2::text, $3::text, 'operator')
returning id, name, email, role, created_at, account
