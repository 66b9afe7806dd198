-- The audit becomes a chain: every entry says what was before and after and why, and is linked to the entry before it
-- when its transaction commits. How to check it without this program: docs/decisions/0020-audit-chain.md.

alter table gsb.audit
  add column before jsonb,      -- what the change found, or null when it made something
  add column after jsonb,       -- what it left, or null when nothing remains
  add column reason text;       -- why, in the words of whoever did it

-- One row: how long the chain is and the hash of its last link. Whoever commits an entry holds it until the commit, so
-- numbers have no gaps and their order is commit order.
create table gsb.audit_head (
  one boolean primary key default true check (one),
  seq bigint not null default 0,
  hash bytea not null default decode(repeat('00', 32), 'hex') check (octet_length(hash) = 32)
);
insert into gsb.audit_head default values;

-- No foreign key to the entry: a link outlives an entry that somebody removes, and so tells of it.
create table gsb.audit_link (
  seq bigint primary key,
  audit_id bigint not null unique,
  digest bytea not null check (octet_length(digest) = 32),
  hash bytea not null check (octet_length(hash) = 32)
);

-- SHA-256 over id, at, actor, action, subject, before, after, reason and details, each as its length in bytes, a colon
-- and the text in UTF-8; a null is a hyphen. So no two different entries have the same bytes.
create function gsb.audit_digest(entry gsb.audit) returns bytea
language sql stable
set search_path = pg_catalog
as $$
  select sha256(convert_to(string_agg(coalesce(octet_length(convert_to(part, 'UTF8')) || ':' || part, '-'), '' order by n), 'UTF8'))
  from unnest(array[
    entry.id::text,
    to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    entry.actor,
    entry.action,
    entry.subject,
    entry.before::text,
    entry.after::text,
    entry.reason,
    entry.details::text
  ]) with ordinality as parts (part, n)
$$;

create function gsb.audit_chain() returns trigger
language plpgsql
set search_path = pg_catalog
as $$
declare
  head gsb.audit_head;
  entry_digest bytea;
begin
  select * into head from gsb.audit_head for update;
  entry_digest := gsb.audit_digest(new);
  head.seq := head.seq + 1;
  head.hash := sha256(head.hash || convert_to(head.seq::text, 'UTF8') || entry_digest);
  insert into gsb.audit_link (seq, audit_id, digest, hash) values (head.seq, new.id, entry_digest, head.hash);
  update gsb.audit_head set seq = head.seq, hash = head.hash;
  return null;
end
$$;

-- What is written already is linked in the order in which it was written.
do $$
declare
  entry gsb.audit;
  head gsb.audit_head;
  entry_digest bytea;
begin
  lock table gsb.audit in share row exclusive mode;
  select * into head from gsb.audit_head for update;
  for entry in select * from gsb.audit order by id loop
    entry_digest := gsb.audit_digest(entry);
    head.seq := head.seq + 1;
    head.hash := sha256(head.hash || convert_to(head.seq::text, 'UTF8') || entry_digest);
    insert into gsb.audit_link (seq, audit_id, digest, hash) values (head.seq, entry.id, entry_digest, head.hash);
  end loop;
  update gsb.audit_head set seq = head.seq, hash = head.hash;
end
$$;

-- Deferred: the head is locked by the commit and by nothing before it, whatever else the transaction goes on to do.
create constraint trigger audit_is_chained
after insert on gsb.audit
deferrable initially deferred
for each row execute function gsb.audit_chain();

create function gsb.audit_refuse() returns trigger
language plpgsql
as $$
begin
  raise exception 'the audit is never changed: % of gsb.% is refused', lower(tg_op), tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_is_append_only before update or delete or truncate on gsb.audit
for each statement execute function gsb.audit_refuse();
create trigger audit_link_is_append_only before update or delete or truncate on gsb.audit_link
for each statement execute function gsb.audit_refuse();
create trigger audit_head_is_kept before delete or truncate on gsb.audit_head
for each statement execute function gsb.audit_refuse();

-- What is asked most is the history of one thing.
create index audit_by_subject on gsb.audit (subject, id);
