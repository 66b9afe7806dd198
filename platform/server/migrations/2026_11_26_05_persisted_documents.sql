-- Documents that applications ask by their hash. Bounded per application by the statement that adds: what was unused
-- for longest makes room. Whoever asks is authorised for the document anew at each request.

create table gsb.persisted_document (
  application_id bigint not null references gsb.application on delete cascade,
  sha256 bytea not null check (octet_length(sha256) = 32),
  source text not null,
  stored_at timestamptz not null default clock_timestamp(),
  used_on date not null default current_date,   -- by the day: reading a document is not worth a write each time
  primary key (application_id, sha256),
  check (sha256 = sha256(convert_to(source, 'UTF8')))
);
