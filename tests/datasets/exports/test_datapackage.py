"""The descriptor beside the files is one that Frictionless takes, and the file is what it says."""

import json
from pathlib import Path

import frictionless
import pytest
from tests.datasets.conftest import column, country_document
from tests.datasets.exports.conftest import NAME, ROWS, Declare, Document, Entry, Make, Release, content
from tests.datasets.quality.conftest import MADE, entry_of

from publicgsb.datasets.exports.content import whole_csv
from publicgsb.datasets.exports.datapackage import data_package
from publicgsb.datasets.exports.objects import Objects


async def test_frictionless_validates_the_descriptor_and_every_row_of_the_file(
    declare: Declare, every_type: Document, release: Release, make: Make, objects: Objects, entry: Entry, tmp_path: Path
) -> None:
    await declare(every_type)
    await release(NAME, ROWS)
    made, found = await make(), await entry()
    assert found.current is not None
    whole = whole_csv(made, has_bom=False)
    assert whole is not None
    (tmp_path / "data.csv").write_bytes(await content(objects, whole.sha256, whole.size))
    document = data_package(found, found.current, made)
    document["resources"] = document["resources"][:1]  # it reads no Parquet
    (tmp_path / "datapackage.json").write_text(json.dumps(document))
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])
    assert (report.tasks[0].stats["rows"], report.tasks[0].stats["bytes"]) == (3, whole.size)
    assert document["resources"][0]["schema"]["primaryKey"] == ["code"]


CONTRACTS: dict[str, Document] = {
    "a known licence": country_document(),
    "terms of its own": country_document(licence={"name": "other", "title": "Ours", "text": "Ask first."}),
    "a licence without an address": country_document(licence="IR-FOI-public"),
    "no key": country_document(primaryKey=None, orderings=None),
    "a key that is in no file": country_document(
        fields=[column("code", access="restricted", legalGround="IR-FOI-13"), column("name")], orderings=None
    ),
}


@pytest.mark.parametrize("kind", CONTRACTS)
def test_frictionless_takes_the_whole_descriptor_of(kind: str) -> None:
    """With the Parquet parts, as it is served: all members, not only those of the CSV."""
    found = entry_of(CONTRACTS[kind])
    assert found.current is not None
    document = data_package(found, found.current, MADE)
    assert [error.note for error in frictionless.Package.metadata_validate(document)] == []
    assert [resource["path"] for resource in document["resources"]] == ["data.csv", "part-00001.parquet"]


def test_frictionless_finds_what_is_wrong_with_a_descriptor() -> None:
    found = entry_of()
    assert found.current is not None
    document = data_package(found, found.current, MADE)
    del document["resources"][1]["path"]
    assert list(frictionless.Package.metadata_validate(document))


def test_terms_without_an_address_are_told_in_words() -> None:
    found = entry_of(CONTRACTS["terms of its own"])
    assert found.current is not None
    (licence,) = data_package(found, found.current, MADE)["licenses"]
    assert licence == {"name": "other", "title": "Ours", "text": "Ask first."}
