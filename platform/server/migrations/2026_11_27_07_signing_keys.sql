-- The keys that sign tokens and answers. Every moment of a key's life is written when it is decided, so that its state
-- is a matter of the clock and each process comes to the same one.

create table gsb.signing_key (
  kid text primary key check (kid ~ '^[0-9A-Za-z_-]{16}$'),
  public_key bytea not null check (octet_length(public_key) = 32),
  sealed_key bytea,                     -- encrypted under a secret that is not in this database; null once retired
  published_at timestamptz not null,    -- in the JWKS from here on
  active_from timestamptz not null,     -- signs from here on
  active_until timestamptz,             -- null while nothing is to follow it
  retired_from timestamptz,             -- what it signed is refused from here on
  check (published_at <= active_from),
  check ((active_until is null) = (retired_from is null)),
  check (active_until <= retired_from)
);
-- One key without a successor at a time.
create unique index signing_key_last on gsb.signing_key ((true)) where active_until is null;
