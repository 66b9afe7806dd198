-- A new agency; nothing comes back when the slug is taken (unique).
insert into gsb.agency (slug, name_fa, name_en, is_sample, contact)
values ($1::text, $2::text, $3::text, $4::boolean, $5::text)
on conflict (slug) do nothing
returning id
