"""A database in which a transaction that changes state and writes no entry of the audit cannot commit.

A walk over the service functions in such a database proves that each of them writes one, whatever tables it touches.
"""

import inspect

from publicgsb.platform.kernel.database import Connection, Connections

# Not changes that anybody decides: each of these is a record, a ledger or a signal by itself.
NO_STATE = {
    "audit": "the audit itself",
    "audit_link": "the audit itself",
    "audit_head": "the audit itself",
    "event": "tells processes of a change",
    "event_clock": "numbers events",
    "worker": "heartbeats",
    "quota_account": "the ledger of points",
    "quota_lease": "the ledger of points",
    "database_time": "what was used",
    "database_time_of_key": "what was used",
    "usage_fact": "what was used",
    "usage_day": "what was used",
    "window_epoch": "the ledger of windows",
    "window_seed": "the ledger of windows",
    "window_units": "the ledger of windows",
    "window_slots": "the ledger of windows",
    "key_warning": "which warnings were written",
    "operation": "which fields a document reads",
    "operation_field": "which fields a document reads",
    "persisted_document": "a cache that callers fill by asking",
    "schema_history": "follows from the registry",
    "schema_introspection": "follows from the registry",
    "export": "follows from the release, and has an entry of its own when it is made",
    "export_part": "follows from the release",
    "demand_day": "what was asked for",
    "demand_worker": "how far what was asked for is written",
    "quality_answer": "what addresses of the catalogue answered",
    "draft_request": "a proposal that changes nothing and is kept for a day; asking for it has an entry",
    "validation": "a report that changes nothing and is kept for a day; asking for it has an entry",
    "mail": "carries what an audited change asks for",
}
# Columns that change without a decision: when a key was used last, that an address was forgotten.
_NO_DECISION = {
    "api_key": {"last_used_at"},
    "data_request": {"contact"},
    # How the last look at an address went; a file that is another one becomes a job, which is audited.
    "source": {
        *("etag", "last_modified", "file_sha256", "due_at", "job_id", "changes", "checked_at", "error", "failures"),
    },
}
# Taken, put back, how far they are; that they are handed in and how they end are changes.
_ENDS = {"job": "new.state not in ('queued', 'running')", "export_request": "new.state <> 'queued'"}


async def refuse_what_is_not_audited(connections: Connections) -> None:
    """From now on a commit fails where a row of state changed and no entry was written in the same transaction."""
    async with connections.use() as connection:
        await connection.execute(_FUNCTIONS)
        rows = await connection.fetch(
            "select table_name::text as name, array_agg(column_name::text) as columns"
            " from information_schema.columns join information_schema.tables using (table_schema, table_name)"
            " where table_schema = 'gsb' and table_type = 'BASE TABLE' group by table_name"
        )
        for name, columns in ((row["name"], row["columns"]) for row in rows):
            if name in NO_STATE:
                continue
            watched = ", ".join(f'"{column}"' for column in columns if column not in _NO_DECISION.get(name, set()))
            events = "insert" if name in _ENDS else f"insert or delete or update of {watched}"
            await _watch(connection, name, events, "")
            if name in _ENDS:
                await _watch(connection, name, "update of state", f"when ({_ENDS[name]})")


async def _watch(connection: Connection, table: str, events: str, when: str) -> None:
    await connection.execute(
        f"create constraint trigger changes_are_audited_{events.split(maxsplit=1)[0]} after {events} on gsb.{table}"
        f" deferrable initially deferred for each row {when} execute function gsb.test_is_audited()"
    )


_FUNCTIONS = """
create function gsb.test_note_audit() returns trigger language plpgsql as $$
begin
  perform set_config('gsb.audited', pg_current_xact_id()::text, true);
  return null;
end $$;
create trigger notes_audit after insert on gsb.audit for each row execute function gsb.test_note_audit();
create function gsb.test_is_audited() returns trigger language plpgsql as $$
begin
  if current_setting('gsb.audited', true) is distinct from pg_current_xact_id()::text then
    raise exception 'gsb.% was changed and no entry of the audit was written', tg_table_name;
  end if;
  return null;
end $$;
"""


def use_cases(of: type) -> set[str]:
    """The names of the public async methods of a service."""
    return {
        name for name, member in vars(of).items() if inspect.iscoroutinefunction(member) and not name.startswith("_")
    }
