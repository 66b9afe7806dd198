-- The files of those of releases $1 whose files are made; a release no column of which is in files has no part.
select
  export.release_id, export.made_at, export.csv_bytes, export.csv_sha256, export.csv_bom_sha256,
  coalesce(
    json_agg(json_build_array(format, part.part, row_count, byte_count, sha256, head_bytes)) filter (where part.part is not null),
    '[]'
  )::text as parts
from gsb.export as export
left join gsb.export_part as part on part.release_id = export.release_id
where export.release_id = any($1::bigint[]) and export.made_at is not null
group by export.release_id
