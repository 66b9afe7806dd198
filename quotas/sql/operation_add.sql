-- One row per operation ever planned; the hash comes back only to the one who wrote it first.
insert into gsb.operation (hash) values ($1::text) on conflict do nothing returning hash
