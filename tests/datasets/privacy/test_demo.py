"""The gate on real tables: flights, airports, weather, cities, and every village code of Iran. None is blocked."""

from pathlib import Path

import pytest

from publicgsb.datasets.contracts.parse import load
from publicgsb.datasets.ingest.service import ingest
from publicgsb.platform.server.demo.plan import DEMO, DemoDataset
from publicgsb.platform.server.demo.prepare import prepare

pytestmark = pytest.mark.prove


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("demo"), lambda _: None)


@pytest.mark.parametrize("one", DEMO, ids=lambda one: f"{one.agency}/{one.dataset}")
def test_no_real_table_is_blocked(one: DemoDataset, folder: Path, tmp_path: Path) -> None:
    for path in one.releases:
        report = ingest(load(one.contract_path), folder / path, tmp_path / "copy").report
        assert report.privacy is not None
        assert not report.privacy.is_blocking, report.as_table()
        assert report.is_releasable
