-- Contract $1 may take effect without notice, by an operator's word; said again it keeps the first.
insert into gsb.contract_override (contract_id, actor, reason)
values ($1::bigint, $2::text, $3::text)
on conflict (contract_id) do nothing
