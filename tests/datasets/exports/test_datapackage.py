"""The descriptor beside the files is one that Frictionless takes, and the file is what it says."""

import json
from pathlib import Path

import frictionless
from tests.datasets.exports.conftest import NAME, ROWS, Declare, Document, Entry, Make, Release, content

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
