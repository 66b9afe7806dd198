-- What the privacy gate said of a release, by which rules, and of which file: kept as the text that is hashed and signed.

create table gsb.release_certificate (
  release_id bigint primary key references gsb.release,
  document text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  issued_at timestamptz not null default now()
);
