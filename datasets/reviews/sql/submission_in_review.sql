-- Its check ended well; nothing comes back when it was withdrawn meanwhile.
update gsb.submission
set
  state = 'in_review', in_review_at = now(), contract_id = $2::bigint, gate_version = $3::text, report = $4::jsonb,
  review = $5::jsonb, base_id = $6::bigint
where id = $1::text and state = 'validating'
returning id
