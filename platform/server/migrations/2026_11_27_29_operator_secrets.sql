-- What an operator who acts under an address shows: HMAC-SHA-256 of a random secret, under the pepper of that version.

alter table gsb.person
  add column secret_digest bytea,
  add column secret_pepper integer,
  add constraint person_secret check (
    (secret_digest is null) = (secret_pepper is null) and (secret_digest is null or role = 'operator')
  );
