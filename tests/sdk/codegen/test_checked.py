"""Type checkers, as strict as they can be, pass what is right and name what is misspelt."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.sdk.codegen.checked import mypy, pyright
from tests.sdk.codegen.worlds import demo_contracts, odd

from publicgsb_sdk.codegen import package, write
from publicgsb_sdk.contract import Contract

RIGHT = """
from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_type

from gsb_types.aviation import airports
from gsb_types.transport import planes
from publicgsb_sdk import AsyncClient, Client, F

if TYPE_CHECKING:
    from gsb_types.aviation.airports import Column

FIRST: "tuple[Column, ...]" = ("icao", "name")


def names(client: Client) -> Iterator[str]:
    query = airports.dataset(client, strict=True).where(country_code=["IR", "TR"], elevation={"gte": 1000})
    for row in query.order_by("-name").limit(5).rows():
        assert_type(row, airports.Airport)
        assert_type(row["elevation"], float)
        yield row["name"]
    for found in query.select("icao", "country.name_fa").rows():
        country = found["country"]
        if country is not None:
            assert_type(country["name_fa"], str | None)
    only = query.select(*FIRST).where({"or": [{"city": "یزد"}]}, F.iata.is_null(), iata=None).first()
    yield only["city"] or "" if only else ""
    yield airports.ID + str(query.count()) + airports.VERSION


async def tasks(client: AsyncClient) -> str:
    query = airports.dataset(client).where(country_code="IR").select("icao")
    async for row in query.limit(2).rows():
        assert_type(row["icao"], str)
    first = await query.first()
    return first["icao"] if first else ""


def kinds(client: Client) -> "list[planes.TypeCode]":
    query = planes.dataset(client).where(type="Rotorcraft", seats={"gte": 2})
    return [row["type"] for row in query.select("type").release(1).rows()]
"""

WRONG = """
from gsb_types.aviation import airports
from gsb_types.transport import planes
from publicgsb_sdk import AsyncClient, Client


async def wrong_too(client: AsyncClient) -> None:
    airports.dataset(client).select("nmae")  # wrong


def wrong(client: Client) -> None:
    query = airports.dataset(client)
    query.select("nmae")  # wrong
    query.select("country.nmae_fa")  # wrong
    query.where(cuontry_code="IR")  # wrong
    query.where(country_code=5)  # wrong
    query.where(elevation=5.0)  # wrong
    query.where(city={"in": ["یزد"]})  # wrong
    query.order_by("elevation")  # wrong
    planes.dataset(client).where(type="Rotor")  # wrong
    for row in query.rows():
        row["nmae"]  # wrong
        row["country"]  # wrong
        row["name"].real  # wrong
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("checked")
    contracts = demo_contracts()

    def told(name: str) -> Contract:
        return contracts.get(name.replace(".", "/")) or odd()

    write(package([*(name.replace("/", ".") for name in contracts), "import.class"], told), made / "gsb_types")
    (made / "right.py").write_text(textwrap.dedent(RIGHT))
    (made / "wrong.py").write_text(textwrap.dedent(WRONG))
    return made


@pytest.mark.prove
@pytest.mark.parametrize("checker", [mypy, pyright])
def test_generated_modules_and_a_program_that_uses_them_pass(
    folder: Path, checker: Callable[[Path, str], dict[int, str]]
) -> None:
    assert checker(folder, "right.py") == {}


@pytest.mark.prove
@pytest.mark.parametrize("checker", [mypy, pyright])
def test_each_misspelt_name_and_wrong_value_is_an_error(
    folder: Path, checker: Callable[[Path, str], dict[int, str]]
) -> None:
    lines = (folder / "wrong.py").read_text().splitlines()
    wanted = [number for number, line in enumerate(lines, 1) if line.endswith("# wrong")]
    found = checker(folder, "wrong.py")
    assert sorted(found) == wanted, found
    assert "nmae" in found[wanted[0]] and "icao" in found[wanted[0]]
