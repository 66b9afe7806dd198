-- All agencies by slug.
select id, slug, name_fa, name_en, is_sample, contact from gsb.agency order by slug
