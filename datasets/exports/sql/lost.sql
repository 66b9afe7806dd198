-- Forgets the files of releases of which an object is not among $1, all that there are: they are made again. Their ids.
delete from gsb.export
where release_id in (
  select release_id from gsb.export_part as part
  where not exists (select from unnest($1::text[]) as there (name) where there.name = part.sha256)
)
returning release_id
