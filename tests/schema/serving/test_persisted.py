"""The store behind documents asked by hash: bounded, re-made from nothing, and silent about its own troubles."""

import pytest

from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import InvalidRequest, Unavailable
from publicgsb.schema.planning.refusal import RefusedDocument
from publicgsb.schema.serving import persisted
from publicgsb.schema.serving.ask import Ask
from publicgsb.schema.serving.document_id import sha256_of
from publicgsb.schema.serving.persisted import OVERHEAD_BYTES, UNUSED_DAYS, PersistedDocuments, forget_unused


def both(source: str) -> Ask:
    return Ask(source, None, {}, sha256_of(source))


def by_hash(source: str) -> Ask:
    return both(source)._replace(query="")


@pytest.fixture
async def application(connections: Connections) -> int:
    async with connections.use() as connection:
        found: int = await connection.fetchval(
            "with o as (insert into gsb.organisation (name, email, purpose) values ('a', 'a', 'a') returning id) "
            "insert into gsb.application (organisation_id, name) select id, 'a' from o returning id"
        )
    return found


async def kept(connections: Connections, application: int) -> list[str]:
    async with connections.use() as connection:
        rows = await connection.fetch(
            "select source from gsb.persisted_document where application_id = $1 order by stored_at", application
        )
    return [row[0] for row in rows]


async def test_an_application_keeps_no_more_documents_than_its_share(
    connections: Connections, application: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persisted, "DOCUMENTS_MAX", 3)
    documents = PersistedDocuments(connections)
    for number in range(5):
        await documents.keep(application, both(f"{{ a{number} }}"))
    await documents.keep(application, both("{ a3 }"))
    assert await kept(connections, application) == ["{ a2 }", "{ a3 }", "{ a4 }"]


async def test_an_application_keeps_no_more_bytes_than_its_share(
    connections: Connections, application: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persisted, "BYTES_MAX", 100)
    documents = PersistedDocuments(connections)
    for letter in "abc":
        await documents.keep(application, both(letter * 40))
    assert await kept(connections, application) == ["b" * 40, "c" * 40]
    await documents.keep(application, both("d" * 90))
    assert await kept(connections, application) == ["d" * 90]


async def test_a_document_in_use_outlives_those_that_are_not(
    connections: Connections, application: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persisted, "DOCUMENTS_MAX", 2)
    for source in ("{ old }", "{ older }"):
        await PersistedDocuments(connections).keep(application, both(source))
    async with connections.use() as connection:
        await connection.execute("update gsb.persisted_document set used_on = current_date - 9")
    await PersistedDocuments(connections).resolve(application, by_hash("{ old }"))
    await PersistedDocuments(connections).keep(application, both("{ new }"))
    assert await kept(connections, application) == ["{ old }", "{ new }"]


async def test_a_worker_remembers_within_its_bytes_and_finds_the_rest_again(
    connections: Connections, application: int
) -> None:
    documents = PersistedDocuments(connections, remembered_bytes_max=2 * (OVERHEAD_BYTES + 60))
    for source in ("{ first }", "{ second }", "{ third }"):
        await documents.keep(application, both(source))
    assert [documents.is_new(application, both(source)) for source in ("{ first }", "{ third }")] == [True, False]
    assert (await documents.resolve(application, by_hash("{ first }"))).query == "{ first }"


async def test_without_the_database_what_is_remembered_answers_and_the_rest_is_unavailable(
    connections: Connections, application: int
) -> None:
    away = Connections("postgresql://127.0.0.1:1/none", size=1)
    documents = PersistedDocuments(away)
    with pytest.raises(Unavailable):
        await documents.resolve(application, by_hash("{ a }"))
    await documents.keep(application, both("{ a }"))
    assert documents.is_new(application, both("{ a }"))
    await away.close()


async def test_a_hash_of_another_text_is_refused_and_an_unknown_one_asks_for_the_text(
    connections: Connections, application: int
) -> None:
    documents = PersistedDocuments(connections)
    with pytest.raises(InvalidRequest, match="not the SHA-256"):
        await documents.resolve(application, both("{ a }")._replace(query="{ b }"))
    with pytest.raises(RefusedDocument, match=r"^PersistedQueryNotFound$"):
        await documents.resolve(application, by_hash("{ a }"))


async def test_a_text_that_no_column_holds_is_not_kept(connections: Connections, application: int) -> None:
    await PersistedDocuments(connections).keep(application, both('{ a(b: "\0") }'))
    assert await kept(connections, application) == []


async def test_documents_that_nobody_asked_for_long_are_forgotten(connections: Connections, application: int) -> None:
    documents = PersistedDocuments(connections)
    for days, source in ((UNUSED_DAYS, "{ a }"), (UNUSED_DAYS + 1, "{ b }")):
        await documents.keep(application, both(source))
        async with connections.use() as connection:
            await connection.execute(
                "update gsb.persisted_document set used_on = current_date - $1::int where source = $2", days, source
            )
    await forget_unused(connections)
    assert await kept(connections, application) == ["{ a }"]


async def test_a_document_that_a_worker_remembers_is_marked_as_used_each_day(
    connections: Connections, application: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = PersistedDocuments(connections)
    await documents.keep(application, both("{ a }"))
    async with connections.use() as connection:
        await connection.execute("update gsb.persisted_document set used_on = current_date - 80")
        await documents.resolve(application, by_hash("{ a }"))
        assert await connection.fetchval("select current_date - used_on from gsb.persisted_document") == 80
        monkeypatch.setattr(persisted, "_today", lambda: 0)
        await documents.resolve(application, by_hash("{ a }"))
        assert await connection.fetchval("select current_date - used_on from gsb.persisted_document") == 0
