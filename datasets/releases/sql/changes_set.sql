-- Table $2 holds the keys by which release $1 differs from release $3.
update gsb.release set changes_table = $2::text, changes_since = $3::bigint where id = $1::bigint
