"""The nightly sync against a mock: whose rows a table holds, however the dataset is written."""

import duckdb
import pytest
from examples.nightly_sync import sync
from tests.schema.oracle.declared import dataset, field

from publicgsb_sdk.testing import MockService


def test_a_table_holds_one_dataset_however_its_name_is_written() -> None:
    """Two agencies may call a dataset alike; the rows of one must not pass for those of the other."""
    code = field("code", "string", "eq", required=True)
    contracts = [dataset(agency, "lands", "Land", [code], primaryKey=["code"]) for agency in ("geo", "old")]
    service = MockService(contracts, records=3)
    with service.client() as gsb, duckdb.connect() as db:
        assert "release 1 from its files, 3 rows" in sync(gsb, db, "geo/lands")
        assert "nothing to do" in sync(gsb, db, "geo.lands")
        with pytest.raises(SystemExit, match=r"holds geo\.lands"):
            sync(gsb, db, "old.lands")
        assert db.sql("select code from lands order by code").fetchall() == [
            (row["code"],) for row in service.rows("geo.lands")
        ]
