"""DuckDB, pandas and polars read a release by its signed addresses, which need no key and no header."""

from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_httpfs  # pyright: ignore[reportMissingTypeStubs]
import pandas
import polars
from examples.releasing.ground import Ground


def show(ground: Ground, dataset: str) -> dict[str, Any]:
    tell, listed = ground.tell, ground.made_files(dataset)
    urls = [part["url"] for part in listed["parts"] if part["format"] == "parquet"]
    size = sum(part["bytes"] for part in listed["parts"] if part["format"] == "parquet")
    tell.step(
        f"{dataset}, release {listed['release']}: {listed['rows']:,} rows, {len(urls)} Parquet part, {size:,} bytes"
    )
    rows, zeros, widths = _by_duckdb(urls)
    tell.step(f"  DuckDB    {rows:,} rows, {zeros:,} codes that begin with 0, all of {widths} digits")
    by_pandas = pandas.concat([pandas.read_parquet(url) for url in urls])
    text = pandas.read_csv(listed["csv"]["url"], dtype=str)
    kept = int(text["code"].str.startswith("0").sum())
    tell.step(f"  pandas    {len(by_pandas):,} rows of Parquet, {len(text):,} of CSV, {kept:,} codes that begin with 0")
    by_polars = polars.read_parquet(urls).height
    tell.step(f"  polars    {by_polars:,} rows")
    return {
        "dataset": dataset,
        "release": listed["release"],
        "rows": listed["rows"],
        "duckdb": rows,
        "pandasParquet": len(by_pandas),
        "pandasCsv": len(text),
        "polars": by_polars,
        "codesWithZero": {"duckdb": zeros, "pandas": kept},
        "isSigned": all("signature=" in url for url in urls),
    }


def _by_duckdb(urls: list[str]) -> tuple[int, int, int]:
    """Rows, codes with a first zero, and the one length that all codes have."""
    with duckdb.connect() as connection:
        package = Path(duckdb_extension_httpfs.__file__).parent
        extension = next(package.glob("extensions/*/httpfs.duckdb_extension"))
        connection.execute(f"load '{extension}'")
        found = connection.execute(
            "select count(*), count(*) filter (where code like '0%'), min(length(code)), max(length(code)) "
            "from read_parquet($urls)",
            {"urls": urls},
        ).fetchone()
    assert found is not None and found[2] == found[3]
    return found[0], found[1], found[2]
