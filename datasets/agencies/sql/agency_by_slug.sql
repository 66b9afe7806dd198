-- At most one row, by the unique slug.
select id, slug, name_fa, name_en, is_sample, contact from gsb.agency where slug = $1::text
