-- Keeps a document, within $4 documents and $5 bytes per application: those unused for longest make room.
-- Exact under persisted_lock.sql.
with kept as (
  select
    sha256,
    row_number() over recent as number,
    sum(octet_length(source)) over recent as bytes
  from gsb.persisted_document
  where application_id = $1 and sha256 <> $2
  window recent as (order by used_on desc, stored_at desc, sha256)
),
evicted as (
  delete from gsb.persisted_document as document
  using kept
  where document.application_id = $1
    and document.sha256 = kept.sha256
    and (kept.number >= $4::bigint or kept.bytes > $5::bigint - octet_length($3::text))
)
insert into gsb.persisted_document (application_id, sha256, source)
values ($1, $2, $3)
on conflict (application_id, sha256) do update set used_on = current_date
