"""Codes whose zeros were lost: 98,100 villages of Iran, as their source really gives them.

The source keeps its codes as numbers: more than half of them have lost their first digits. Nothing is altered here;
what differs is the contract.
"""

import csv
from pathlib import Path
from typing import Any

from examples.releasing.ground import Contract, Ground, demo_contract

PROVINCE = "08"  # Kerman: each of its codes has lost the zero
WIDTH, PROVINCE_DIGITS = 16, 2
LINK = "province"


def show(ground: Ground) -> dict[str, Any]:
    tell = ground.tell
    codes = _codes(ground)
    lost = sum(len(code) < WIDTH for code in codes)
    tell.step(f"{len(codes):,} villages; {lost:,} of their codes have fewer than {WIDTH} digits")

    office = ground.declare(_contract(ground, "villages_of_kerman", "KermanVillage", is_padded=False))
    failed = ground.until(
        ground.publisher.hand_in(office, _of_province(ground))["id"], "failed", "in_review", "published"
    )
    error = failed["report"]["errors"][0]
    tell.step(f"Kerman's office hands in its villages as they are: {failed['state']}, {error['code']}")
    tell.step(f"  {error['message']['en']}")
    tell.step(f"  {error['fix']['en']}")

    naive = ground.declare(_contract(ground, "villages", "Village", is_padded=False))
    seen = ground.until(ground.publisher.hand_in(naive, ground.csv / "interior/villages.csv")["id"], "in_review")
    before, wrong = _link(seen), _wrong(codes, _provinces(ground))
    tell.step(
        f"The whole file finds {before['matched']:,} of {before['rows']:,} provinces ({before['matchRate']:.1%}), "
        f"and {wrong:,} of those are another province"
    )
    reason = f"Only {before['matchRate']:.1%} of the villages find their province: the codes have lost their zeros."
    back = ground.reviewer.ask("POST", f"/api/v1/submissions/{seen['id']}/send-back", json={"reason": reason})
    tell.step(f"  {ground.reviewer.name} sees that in the review and sends it back: {back['reason']}")

    padded = ground.declare(_contract(ground, "villages", "Village", is_padded=True))
    again = ground.until(ground.publisher.hand_in(padded, ground.csv / "interior/villages.csv")["id"], "in_review")
    after = _link(again)
    done = ground.published(again["id"])
    restored = done["report"]["normalisations"]["zeroPad:code"]
    tell.step(
        f"The same file under zeroPad {WIDTH}: {after['matched']:,} of {after['rows']:,} ({after['matchRate']:.0%}); "
        f"zeros restored in {restored:,} codes; release {done['release']}"
    )
    return {
        "villages": len(codes),
        "lostZeros": lost,
        "office": {
            "dataset": office,
            "state": failed["state"],
            "code": error["code"],
            "matched": next(one["matched"] for one in failed["report"]["links"] if one["name"] == LINK),
            "rows": failed["report"]["rowsRead"],
        },
        "naive": {"matched": before["matched"], "wrong": wrong, "rate": before["matchRate"], "state": back["state"]},
        "padded": {
            "dataset": padded,
            "release": done["release"],
            "matched": after["matched"],
            "rows": after["rows"],
            "rate": after["matchRate"],
            "restored": restored,
        },
    }


def _contract(ground: Ground, dataset: str, record: str, *, is_padded: bool) -> Contract:
    """The demo's, with its one link to the provinces; naively the first two digits are the province's."""
    contract = demo_contract(
        ground.agency, "interior/villages", dataset, but=("rural_district_code", "district_code", "county_code")
    )
    contract["recordName"] = record
    contract["links"] = [link for link in contract["links"] if link["name"] == LINK]
    contract["aggregates"] = {"dimensions": ["province_code", "village_type"]}
    if not is_padded:
        code, province = (
            next(one for one in contract["fields"] if one["name"] == name) for name in ("code", "province_code")
        )
        del code["apply"], code["constraints"]["pattern"]
        province["derive"]["apply"] = [{"prefix": PROVINCE_DIGITS}]
    return contract


def _codes(ground: Ground) -> list[str]:
    with (ground.csv / "interior/villages.csv").open(encoding="utf-8", newline="") as rows:
        return [row["code"] for row in csv.DictReader(rows)]


def _provinces(ground: Ground) -> set[str]:
    with (ground.csv / "interior/provinces.csv").open(encoding="utf-8", newline="") as rows:
        return {row["code"].zfill(PROVINCE_DIGITS) for row in csv.DictReader(rows)}


def _wrong(codes: list[str], provinces: set[str]) -> int:
    """How many naive codes name a province that is not theirs."""
    pairs = ((code[:PROVINCE_DIGITS], code.zfill(WIDTH)[:PROVINCE_DIGITS]) for code in codes)
    return sum(naive in provinces and naive != true for naive, true in pairs)


def _of_province(ground: Ground) -> Path:
    """The rows of one province, unchanged."""
    file = ground.folder / "kerman.csv"
    with (ground.csv / "interior/villages.csv").open(encoding="utf-8", newline="") as rows:
        header, *all_rows = csv.reader(rows)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(row for row in all_rows if row[0].zfill(WIDTH).startswith(PROVINCE))
    return file


def _link(submission: dict[str, Any]) -> dict[str, Any]:
    links: list[dict[str, Any]] = submission["review"]["links"]
    return next(one for one in links if one["link"] == LINK)
