-- Which of the objects $1 some release still names.
select distinct sha256 from gsb.export_part where sha256 = any($1::text[])
