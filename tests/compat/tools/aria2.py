"""aria2 fetches a file over several connections, and compares its hash."""

from tests.compat.fetching import HASHED, check_whole
from tests.compat.ground import Ground
from tests.compat.programs import version_of
from tests.compat.tool import Kind, Tool
from tests.debian import program

SNIPPET = """
curl -s "$PGSB_URL/api/v1/agencies/interior/datasets/villages/releases/latest/files" > files.json
aria2c -q -x 4 -k 1M -o villages.csv --checksum="sha-256=$(jq -r .csv.sha256 files.json)" "$(jq -r .csv.url files.json)"
"""


def check(ground: Ground, snippet: str) -> None:
    for name, package in (("aria2c", "aria2"), ("curl", "curl"), ("jq", "jq")):
        program(name, package)
    ground.shell(snippet)
    check_whole(ground)


TOOL = Tool("aria2", Kind.FETCHING, lambda _: version_of("aria2c", "aria2"), "sh", SNIPPET, HASHED, check)
