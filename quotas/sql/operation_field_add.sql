-- Each field that an operation reads, once; always in the same order, so that two writers cannot block each other.
insert into gsb.operation_field (operation_hash, dataset_id, major, field)
select distinct $1::text, read.dataset_id, read.major, read.field
from unnest($2::bigint[], $3::int[], $4::text[]) as read (dataset_id, major, field)
order by read.dataset_id, read.major, read.field
on conflict do nothing
