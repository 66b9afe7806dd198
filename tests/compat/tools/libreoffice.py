"""LibreOffice opens the workbook."""

from tests.compat.ground import Ground
from tests.compat.known import COUNTRIES, WEATHER
from tests.compat.programs import version_of
from tests.compat.reading import check_csv, snippets
from tests.compat.tool import Kind, Tool
from tests.debian import program
from tests.office import AS_STORED, PACKAGE

DIGITS = 15  # that it writes of a number, in any format; it reads all 17

SNIPPET = f"""
curl -s -O "$PGSB_URL/files/standards/countries/latest/data.xlsx"
soffice --headless --convert-to "{AS_STORED}" data.xlsx
"""

COLUMNS_AS_TEXT = "/".join(f"{number}/2" for number in range(1, 10))
CSV_TOO = f"""
curl -s -o countries.csv "$PGSB_URL/files/standards/countries/latest/data.csv?bom=1"
soffice --headless --infilter="CSV:44,34,76,1,{COLUMNS_AS_TEXT}" --convert-to "{AS_STORED}" --outdir texts countries.csv
"""


def check(ground: Ground, snippet: str) -> None:
    program("soffice", PACKAGE)
    for dataset, commands in snippets(snippet, (COUNTRIES, WEATHER)).items():
        ground.shell(commands)
        check_csv(ground, dataset, (ground.folder / "data-data.csv").read_text(encoding="utf-8"), digits=DIGITS)
        assert "licence" in (ground.folder / "data-about.csv").read_text(encoding="utf-8")
    ground.shell(CSV_TOO)
    check_csv(ground, COUNTRIES, (ground.folder / "texts" / "countries-countries.csv").read_text(encoding="utf-8"))


TOOL = Tool(
    "LibreOffice",
    Kind.READING,
    lambda _: version_of("soffice", PACKAGE),
    "sh",
    SNIPPET,
    f"every value of {COUNTRIES} and {WEATHER}, of the workbooks, to the 15 digits that it writes; sheet `about` has "
    "the terms",
    check,
    "Open the workbook rather than the CSV: nothing is asked, and codes stay text. Of a CSV take `data.csv?bom=1`, and "
    "make all its columns *Text* in the dialogue.",
)
