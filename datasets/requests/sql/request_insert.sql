-- A new request under its own number.
insert into gsb.data_request
  (agency_id, dataset_id, title, body, contact, state, asked_at, due_at, calendar, changed_at)
values
  ($1::bigint, $2::bigint, $3::text, $4::text, $5::text, 'open', $6::timestamptz, $7::timestamptz, $8::text, $6)
returning id
