-- A new dataset without a contract; unique (agency_id, slug), raced for only under the registry's lock.
insert into gsb.dataset (agency_id, slug) values ($1::bigint, $2::text) returning id
