-- One open incident per kind and subject; true when this one is new.
insert into gsb.incident as i (kind, subject, details) values ($1::text, $2::text, $3::jsonb)
on conflict (kind, subject) where closed_at is null do update set last_seen = now(), details = excluded.details
returning (xmax = 0) as is_new
