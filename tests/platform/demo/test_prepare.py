"""Archives become CSV files that the contracts accept, once."""

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from publicgsb.datasets.contracts.parse import load
from publicgsb.datasets.ingest.service import ingest
from publicgsb.platform.server.demo.plan import DEMO, DemoDataset
from publicgsb.platform.server.demo.prepare import extract, is_prepared
from publicgsb.platform.server.demo.sources import Source

Archives: TypeAlias = Callable[[Path], Mapping[Source, Path]]


@pytest.fixture(scope="module")
def folder(archives: Archives, tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("demo")
    extract(archives(where), where / "csv", lambda _: None)
    return where / "csv"


def rows(folder: Path, path: str) -> list[dict[str, str]]:
    with (folder / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("item", "csv_path"), [(item, path) for item in DEMO for path in item.releases])
def test_the_pipeline_releases_what_was_extracted(
    item: DemoDataset, csv_path: str, folder: Path, tmp_path: Path
) -> None:
    ingested = ingest(load(item.contract_path), folder / csv_path, tmp_path / "rows")
    assert ingested.report.errors == ()
    assert ingested.rows > 0


def test_flights_come_out_of_the_zip_within_the_archive_with_na_as_it_is(folder: Path) -> None:
    first, cancelled = rows(folder, "transport/flights.csv")
    assert (first["dep_time"], first["time_hour"]) == ("517", "2013-01-01T10:00:00Z")
    assert cancelled["tailnum"] == "NA"


def test_a_city_gets_its_persian_name_and_its_province(folder: Path) -> None:
    yazd = rows(folder, "mapping/cities.csv")[0]
    assert (yazd["name_fa"], yazd["subdivision_code"], yazd["geoname_id"]) == ("یزد", "IR-21", "111822")


def test_a_tiny_coordinate_is_written_without_an_exponent(folder: Path) -> None:
    assert rows(folder, "mapping/cities.csv")[1]["latitude"] == "0.000010"


def test_namibia_is_not_a_missing_value(folder: Path) -> None:
    assert rows(folder, "mapping/countries.csv")[0]["country_code"] == "NA"


def test_persian_country_names_come_from_the_catalogue_in_the_archive(folder: Path) -> None:
    iran = rows(folder, "standards/countries.csv")[0]
    assert (iran["name_fa"], iran["official_name_fa"]) == ("ایران، جمهوری اسلامی", "جمهوری اسلامی ایران")


def test_division_codes_are_left_as_the_source_lost_them(folder: Path) -> None:
    assert rows(folder, "interior/provinces.csv") == [{"code": "3", "name": "نام"}]


def test_a_finished_folder_is_known_and_a_missing_file_is_noticed(archives: Archives, tmp_path: Path) -> None:
    extract(archives(tmp_path), tmp_path / "csv", lambda _: None)
    assert is_prepared(tmp_path / "csv")
    (tmp_path / "csv" / "transport" / "planes.csv").unlink()
    assert not is_prepared(tmp_path / "csv")


def test_files_made_from_other_pins_are_made_anew(archives: Archives, tmp_path: Path) -> None:
    extract(archives(tmp_path), tmp_path / "csv", lambda _: None)
    manifest = tmp_path / "csv" / "manifest.json"
    manifest.write_text(manifest.read_text().replace("airportsdata-20260905", "airportsdata-20250101"))
    assert not is_prepared(tmp_path / "csv")


def test_an_earlier_release_is_what_its_source_published_then(folder: Path) -> None:
    (now,), (before,) = (rows(folder, f"aviation/airports{state}.csv") for state in ("", "-20260315"))
    assert (before["name"], now["name"]) == ("Yazd Airport", "Shahid Sadooghi Airport")


def test_the_manifest_records_rows_and_hashes(folder: Path) -> None:
    files = json.loads((folder / "manifest.json").read_text())["files"]
    assert files["transport/flights.csv"]["rows"] == 2
    assert len(bytes.fromhex(files["transport/flights.csv"]["sha256"])) == 32


def test_an_extraction_that_was_cut_off_is_not_taken_for_finished(archives: Archives, tmp_path: Path) -> None:
    made = archives(tmp_path)
    extract(made, tmp_path / "csv", lambda _: None)
    made_last = next(source for source in made if source.name == "django-iranian-cities")
    made[made_last].write_bytes(b"no zip")
    with pytest.raises(Exception, match="zip"):
        extract(made, tmp_path / "csv", lambda _: None)
    assert not is_prepared(tmp_path / "csv")
