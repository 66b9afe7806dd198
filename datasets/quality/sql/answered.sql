-- All of them: a catalogue tells every dataset.
select dataset_id, release_id, access_status, file_statuses, asked_at from gsb.quality_answer
