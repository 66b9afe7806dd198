-- One part of the files of release $1.
insert into gsb.export_part (release_id, format, part, row_count, byte_count, sha256, head_bytes)
values ($1::bigint, $2::text, $3::int, $4::bigint, $5::bigint, $6::text, $7::int)
