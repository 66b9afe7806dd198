"""Personal data in a file that means no harm: blocked with the articles of law, released once they are gone.

The cities are the demo's; the identifiers of their mayors are made up here, with check digits that are right.
"""

import csv
import json
import random
from pathlib import Path
from typing import Any

from examples.releasing.ground import Contract, Ground, demo_contract
from examples.releasing.people import Surprise, patient
from examples.releasing.synthetic import nobody, sheba

EXIT_REFUSED = 3
COLUMNS = (
    ("mayor_id", "string", "کد ملی شهردار", "Mayor's national id"),
    ("mobile", "string", "تلفن همراه", "Mobile"),
    ("account", "string", "شبا", "Sheba"),
    ("card", "string", "شمارهٔ کارت", "Card"),
    ("mailbox", "string", "رایانامه", "E-mail"),
    ("born", "date", "تاریخ تولد", "Date of birth"),
    ("remark", "string", "توضیح", "Remark"),  # empty but for the last row, which holds an account in running text
)


def show(ground: Ground) -> dict[str, Any]:
    tell = ground.tell
    file, planted = _planted(ground)
    contract = _contract(ground)
    dataset = ground.declare(contract)
    failed = ground.until(ground.publisher.hand_in(dataset, file)["id"], "failed", "in_review")
    if failed["state"] != "failed":
        raise Surprise("The gate let planted personal data pass.")
    report = failed["report"]
    blocked = {one["field"]: one for one in report["privacy"]["columns"] if one["decision"] != "publish"}
    tell.step(
        f"{dataset}, {report['rowsRead']:,} rows, is handed in and fails; its report holds counts, never a value:"
    )
    for field, one in blocked.items():
        seen = one["evidence"][0]
        tell.step(
            f"  {field:<9} {one['decision']:<10} {seen['kind']} {seen['matched']:,} of {seen['distinct']:,}, "
            f"{seen['legalBasis']} → {_told(one['proposal'])}"
        )
    for code, words in report["privacy"]["articles"].items():
        tell.step(f"  {code}: {words['en']}")
    ground.declare(_as_proposed(ground, contract, file))
    done = ground.published(ground.publisher.hand_in(dataset, file)["id"])
    tell.step("`gsb dataset validate --proposed` writes the contract that passes; declared, reviewed, published:")
    text = _released(ground, dataset)
    leaked = sum(value in text for value in planted)
    header, row = list(csv.reader(text.splitlines()))[:2]
    served = dict(zip(header, row, strict=True))
    tell.step(f"  release {done['release']} holds {', '.join(header)}")
    tell.step(f"  of {len(planted):,} planted values {leaked} stand in its file")
    return {
        "dataset": dataset,
        "rows": report["rowsRead"],
        "state": failed["state"],
        "blocked": {
            field: {
                "decision": one["decision"],
                "kinds": sorted({seen["kind"] for seen in one["evidence"]}),
                "articles": sorted({seen["legalBasis"] for seen in one["evidence"]}),
                "proposal": _told(one["proposal"]),
            }
            for field, one in blocked.items()
        },
        "valuesInReport": sum(value in json.dumps(failed, ensure_ascii=False) for value in planted),
        "release": done["release"],
        "servedColumns": header,
        "servedRow": served,
        "plantedValues": len(planted),
        "plantedValuesServed": leaked,
    }


def _planted(ground: Ground) -> tuple[Path, set[str]]:
    """The demo's real cities with columns of made-up people; and every value that may never get out."""
    chance = random.Random()  # noqa: S311 - made-up people, no secrets
    file, planted = ground.folder / "city_halls.csv", set[str]()
    with (ground.csv / "interior/cities.csv").open(encoding="utf-8", newline="") as real:
        header, *rows = csv.reader(real)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*header, *(name for name, *_ in COLUMNS)])
        for number, row in enumerate(rows, 1):
            one = nobody(chance)
            account = sheba(chance) if number == len(rows) else ""
            writer.writerow([*row, *one, account and f"واریز به حساب {account} انجام شد"])
            planted |= {*one, account} - {""}
    return file, planted


def _contract(ground: Ground) -> Contract:
    contract = demo_contract(ground.agency, "interior/cities", "city_halls")
    contract |= {"recordName": "CityHall", "title": {"fa": "شهرداری‌ها", "en": "City halls"}}
    contract["fields"] += [
        {"name": name, "type": kind, "label": {"fa": fa, "en": en}} for name, kind, fa, en in COLUMNS
    ]
    return contract


def _as_proposed(ground: Ground, contract: Contract, file: Path) -> Contract:
    """The gate's own contract, as the publisher gets it at a terminal."""
    before, after = ground.folder / "before.json", ground.folder / "proposed.json"
    before.write_text(json.dumps(contract, ensure_ascii=False), encoding="utf-8")
    ground.operator.run("dataset", "validate", str(before), str(file), "--proposed", str(after), exit_code=EXIT_REFUSED)
    proposed: Contract = json.loads(after.read_text(encoding="utf-8"))
    return proposed


def _released(ground: Ground, dataset: str) -> str:
    listed = ground.made_files(dataset)
    return patient(ground.startup.http, "GET", listed["csv"]["url"]).text


def _told(proposal: dict[str, Any] | None) -> str:
    if proposal is None:
        return "-"
    if proposal["action"] == "drop":
        return "withhold, and say so"
    steps = ", ".join(
        step if isinstance(step, str) else " ".join(f"{name} {value}" for name, value in step.items())
        for step in proposal["apply"]
    )
    return f"{steps}, as a field of its own" if proposal["makesField"] else steps
