-- The files of each release, made once after it was swapped in: nothing here before they are complete and in the object
-- store, except why they could not be made so far.
create table gsb.export (
  release_id bigint primary key references gsb.release,
  made_at timestamptz,             -- null: not yet
  csv_bytes bigint,                -- of the parts of CSV as one file
  csv_sha256 text,
  csv_bom_sha256 text,             -- the same, after a byte order mark
  attempts integer not null default 0,
  try_at timestamptz,
  error text,
  check (made_at is null or (csv_bytes is not null and csv_sha256 is not null and csv_bom_sha256 is not null))
);

create table gsb.export_part (
  release_id bigint not null references gsb.export on delete cascade,
  format text collate "C" not null check (format in ('parquet', 'csv', 'xlsx')),
  part integer not null check (part > 0),
  row_count bigint not null check (row_count >= 0),
  byte_count bigint not null check (byte_count > 0),
  sha256 text collate "C" not null check (sha256 ~ '^[0-9a-f]{64}$'),
  head_bytes integer not null default 0,
  primary key (release_id, format, part)
);
create index on gsb.export_part (sha256);
