-- Dated at the end of its clock, not at the moment of writing.
update gsb.data_request set state = 'no_answer', changed_at = due_at where id = $1::bigint
