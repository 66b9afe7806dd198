-- One for each release; the primary key refuses a second.
insert into gsb.release_certificate (release_id, document, sha256)
values ($1::bigint, $2::text, $3::text)
