"""A gazetteer to search in: the towns of places.txt, the names of the table of spellings, and 2,400 villages whose
names share their words. The names were written down for these tests and are given to the public domain (CC0-1.0)."""

import json
from pathlib import Path

from tests.schema.worlds import COMMON, declare, release

from publicgsb.datasets.agencies.service import add_agency
from publicgsb.datasets.contracts.model import Label
from publicgsb.platform.kernel.database import Connections

TOWNS = Path(__file__).with_name("places.txt").read_text(encoding="utf-8").split()
GOLDEN: dict[str, list[str]] = json.loads(
    (Path(__file__).parents[2] / "datasets" / "ingest" / "fold_golden.json").read_text(encoding="utf-8")
)
_FIRST = "علی حسین حسن محمد احمد محمود مهدی قاسم کاظم ابراهیم اسماعیل یوسف جعفر صادق رضا کریم رحیم عباس اکبر اصغر"
_LAST = "آباد کلا محله ده قلعه کندی تپه چشمه سرا رود"
_WHICH = "|بالا|پایین|وسطی|کوچک|بزرگ|نو|کهنه|یک|دو|سه|شرقی"
VILLAGES = [
    " ".join(part for part in (first, last, which) if part)
    for first in _FIRST.split()
    for last in _LAST.split()
    for which in _WHICH.split("|")
]

CONTRACT = (
    COMMON
    + """
agency: geo
dataset: places
recordName: Place
title: { fa: "جاها", en: "Places" }
primaryKey: [code]
search: [name, latin]
orderings:
  - { name: name, fields: [name], alphabet: persian }
  - { name: latin, fields: [kind, latin], alphabet: persian }
fields:
  - { name: code, type: string, label: { fa: "کد", en: "Code" }, constraints: { required: true }, filters: [eq] }
  - name: name
    type: string
    label: { fa: "نام", en: "Name" }
    constraints: { required: true }
    filters: [eq, contains]
  - { name: latin, type: string, label: { fa: "نام لاتین", en: "Latin name" }, filters: [contains] }
  - { name: kind, type: string, label: { fa: "گونه", en: "Kind" }, filters: [eq] }
"""
)


def rows() -> list[tuple[str, str, str, str]]:
    """code, name, Latin name, kind; each name once."""
    named = dict.fromkeys([*TOWNS, *(name for name in GOLDEN if len(name) > 1)], "town")
    named |= {village: "village" for village in VILLAGES if village not in named}
    latin = {"تهران": "Tehrān", "اصفهان": "Esfahan", "شیراز": "Shiraz"}
    return [(f"{n:05}", name, latin.get(name, ""), kind) for n, (name, kind) in enumerate(named.items(), 1)]


async def found_gazetteer(connections: Connections, folder: Path, contract: str = CONTRACT) -> None:
    await add_agency(connections, "geo", Label("جغرافیا", "Geography"), "tests")
    await declare(connections, contract)
    text = "code,name,latin,kind\n" + "".join(",".join(row) + "\n" for row in rows())
    outcome = await release(connections, folder, "geo/places", text)
    assert outcome.release is not None, outcome.report.as_table("en")
