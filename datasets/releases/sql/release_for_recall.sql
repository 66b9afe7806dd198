-- Release $2 of dataset $1 with its recall, if it was recalled before; at most one row.
select
  release.id, release.state, release.table_name, release.changes_table, release.sha256, release.dropped_at,
  recall.version, recall.event_seq, recall.reason_fa, recall.reason_en,
  recall.actor
from gsb.release as release
left join gsb.recall as recall on recall.release_id = release.id
where release.dataset_id = $1::bigint and release.seq = $2::int
