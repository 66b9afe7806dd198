-- The whole registry as one JSON document: one statement sees one snapshot, also on a replica, so nothing in it is
-- newer than its version. Documents of the contracts whose hashes are in $1 are left out: the caller has them parsed.
-- A dataset's history begins at its oldest release that can still be read, or that was recalled and has to be named as
-- such. The lists are flat: grouping them here per dataset would be quadratic.
with step as (
  select
    entry.dataset_id,
    entry.version,
    entry.at,
    entry.release_id,
    min(entry.version) filter (where release.state in ('published', 'recalled')) over (partition by entry.dataset_id) as oldest,
    max(entry.version) over (partition by entry.dataset_id) as newest
  from gsb.registry_entry as entry
  left join gsb.release as release on release.id = entry.release_id
),
history as (
  select dataset_id, version, at, release_id from step where version >= coalesce(oldest, newest)
),
current as (
  select dataset_id, release_id from step where version = newest and release_id is not null
),
release as (
  select * from gsb.release
  where state = 'published' or id in (select release_id from history where release_id is not null)
),
contract as (
  select id, sha256, case when sha256 = any($1::text[]) then null else document end as document
  from gsb.contract
  where id in (select contract_id from gsb.dataset union select contract_id from release)
)
select json_build_object(
  'version', (select version from gsb.registry_state),
  'schema_version', (select schema_version from gsb.registry_state),
  'agencies', (
    select coalesce(json_agg(json_build_object(
      'id', id, 'slug', slug, 'name_fa', name_fa, 'name_en', name_en, 'is_sample', is_sample, 'contact', contact
    ) order by slug), '[]')
    from gsb.agency
  ),
  'contracts', (
    select coalesce(json_agg(json_build_object('id', id, 'sha256', sha256, 'document', document)), '[]') from contract
  ),
  'releases', (
    select coalesce(json_agg(json_build_object(
      'id', id, 'dataset_id', dataset_id, 'contract_id', contract_id, 'seq', seq, 'state', state,
      'table_name', table_name, 'columns', columns, 'rows', row_count, 'sha256', sha256, 'as_of', as_of,
      'published_at', published_at, 'changes_table', changes_table, 'changes_since', changes_since,
      'suppressed_cells', suppressed_cells, 'quality', quality, 'notes_fa', notes_fa, 'notes_en', notes_en
    )), '[]')
    from release
  ),
  'datasets', (
    select coalesce(json_agg(json_build_object(
      'id', dataset.id, 'agency_id', agency_id, 'slug', dataset.slug, 'state', state, 'contract_id', contract_id,
      'withdrawn_fa', withdrawn_fa, 'withdrawn_en', withdrawn_en, 'withdrawn_at', withdrawn_at,
      'withdrawn_by', case when withdrawn_by like 'person:%' then 'agency' else 'operator' end,
      'withdrawn_ground', withdrawn_ground, 'deprecated_at', deprecated_at, 'sunset_on', sunset_on,
      'deprecated_fa', deprecated_fa, 'deprecated_en', deprecated_en, 'successor', (
        select other_agency.slug || '/' || other.slug
        from gsb.dataset as other
        join gsb.agency as other_agency on other_agency.id = other.agency_id
        where other.id = dataset.successor_id
      )
    ) order by agency.slug, dataset.slug), '[]')
    from gsb.dataset as dataset
    join gsb.agency as agency on agency.id = dataset.agency_id
    where contract_id is not null
  ),
  'history', (
    select coalesce(json_agg(json_build_array(dataset_id, version, release_id, at) order by dataset_id, version), '[]')
    from history
  ),
  'unreadable', (
    select coalesce(json_agg(json_build_array(dataset_id, seq, state)), '[]')
    from gsb.release
    where state in ('gone', 'recalled')
  ),
  'link_rates', (
    select coalesce(json_agg(json_build_array(release_id, link, row_count, matched, most)), '[]')
    from gsb.link_match
    where release_id in (select release_id from current) and target_release_id in (select release_id from current)
  )
)::text
