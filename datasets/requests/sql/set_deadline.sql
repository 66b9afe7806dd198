-- Counted anew, by the calendar of now.
update gsb.data_request set due_at = $2::timestamptz, calendar = $3::text where id = $1::bigint
