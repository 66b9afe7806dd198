"""The ground of the show: an agency of its own in the running demo, its two people, and what they do in every scene."""

import json
import os
import secrets
import string
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from examples.releasing.people import Operator, Person, Startup, Surprise
from examples.releasing.telling import Teller

WAIT_SECONDS = 900
POLL_SECONDS = 0.2
CONTRACTS = Path(__file__).resolve().parents[2] / "platform/server/demo/contracts"

Contract = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ground:
    """`agency` is new and gone again after the show, so nothing of the demo's own changes."""

    url: str
    tell: Teller
    operator: Operator
    publisher: Person
    reviewer: Person
    startup: Startup
    agency: str
    csv: Path  # the demo's real files
    folder: Path  # for what the show writes
    declared: list[str] = field(default_factory=list[str])

    def declare(self, contract: Contract) -> str:
        """The operator declares a contract; the dataset as agency/dataset."""
        name = f"{contract['agency']}/{contract['dataset']}"
        file = self.folder / f"{contract['dataset']}-{contract['version']}.json"
        file.write_text(json.dumps(contract, ensure_ascii=False, indent=2), encoding="utf-8")
        self.tell.waiting(f"declaring {name}")
        self.operator.run("dataset", "add", str(file))
        if name not in self.declared:
            self.declared.append(name)
        return name

    def until(self, submission: str, *states: str) -> dict[str, Any]:
        """The submission once it is in one of the states; a Surprise if it comes to rest in another."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            seen: dict[str, Any] = self.publisher.ask("GET", f"/api/v1/submissions/{submission}")
            if seen["state"] in states:
                return seen
            if seen["state"] in {"failed", "sent_back", "withdrawn"} or time.monotonic() > deadline:
                raise Surprise(f"{seen['dataset']} is {seen['state']}: {_why(seen)}")
            self.tell.waiting(f"{seen['dataset']}: {self._progress(seen)}")
            time.sleep(POLL_SECONDS)

    def published(self, submission: str) -> dict[str, Any]:
        """Approved by the reviewer, for exactly the file that was checked, and published by the service."""
        seen = self.until(submission, "in_review")
        self.reviewer.ask(
            "POST", f"/api/v1/submissions/{submission}/approve", json={"fileSha256": seen["file"]["sha256"]}
        )
        done = self.until(submission, "published")
        self._until_served(done["dataset"], done["release"])
        return done

    def _until_served(self, dataset: str, release: int) -> None:
        """By the process that answers us: it hears of a release a moment after it is published."""
        agency, _, name = dataset.partition("/")
        deadline = time.monotonic() + WAIT_SECONDS
        page = f"/api/v1/agencies/{agency}/datasets/{name}"
        while ((current := self.publisher.ask("GET", page)["release"]) and current["seq"]) != release:
            if time.monotonic() > deadline:
                raise Surprise(f"Release {release} of {dataset} is published and not served.")
            time.sleep(POLL_SECONDS)

    def until_used(self, dataset: str) -> None:
        """Until what was asked of a dataset is in its usage, which takes a moment."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            used = self.publisher.ask("GET", f"/api/v1/agencies/{self.agency}/usage", params={"dataset": dataset})
            if any(day["requests"] for one in used["datasets"] for day in one["days"]):
                return
            self.tell.waiting(f"{dataset}: what was asked comes into the usage")
            time.sleep(POLL_SECONDS)
        raise Surprise(f"What was asked of {dataset} did not come into its usage.")

    def made_files(self, dataset: str) -> dict[str, Any]:
        """The list of a release's files, once all are made."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (listed := self.startup.files(dataset))["state"] != "made":
            if time.monotonic() > deadline:
                raise Surprise(f"The files of {dataset} were not made.")
            self.tell.waiting(f"{dataset}: its files are being made")
            time.sleep(POLL_SECONDS)
        return listed

    def clear(self) -> None:
        """What was declared is withdrawn again, and nobody can act for the agency any more."""
        reason = {"fa": "پایان نمایش", "en": "The show is over"}
        for name in self.declared:
            self.tell.waiting(f"withdrawing {name}")
            slug = name.partition("/")[2]
            path = f"/api/v1/agencies/{self.agency}/datasets/{slug}/withdraw"
            self.publisher.ask("POST", path, json={"reason": reason})
        for person in self.operator.run("agency", "people", self.agency):
            self.operator.run("agency", "remove", self.agency, str(person["id"]), "--reason", reason["en"])

    def _progress(self, seen: dict[str, Any]) -> str:
        if seen["job"] is None:
            return str(seen["state"])
        job = self.publisher.ask("GET", f"/api/v1/jobs/{seen['job']}")
        return f"{job['stage'] or job['state']}, {job['progress']['rows']:,} rows"


def open_ground(state: Path, tell: Teller, folder: Path) -> Ground:
    """In the running demo of a state folder: a new sample agency that has its releases reviewed."""
    try:
        demo = json.loads((state / "demo.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Surprise(f"There is no demo in {state}: `make run` starts one; --state names its folder.") from None
    operator = Operator({**os.environ, "GSB_STATE_DIR": str(state)})
    agency = "show_" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(4))
    tell.waiting("opening an agency of its own")
    operator.run(
        "agency",
        "add",
        agency,
        "--sample",
        "--name-fa",
        "نمایش انتشار (نمونه)",
        "--name-en",
        "Sample Show of Releasing",
    )
    publisher = _person(operator, agency, demo["url"], "Parisa", "publisher")
    reviewer = _person(operator, agency, demo["url"], "Reza", "reviewer")
    operator.run("agency", "set", agency, "--review", "required")
    startup = Startup(demo["url"], demo["key"])
    return Ground(demo["url"], tell, operator, publisher, reviewer, startup, agency, state / "demo" / "csv", folder)


def _person(operator: Operator, agency: str, url: str, name: str, role: str) -> Person:
    email = f"{name.lower()}@publicgsb.example"
    made = operator.run("agency", "key", agency, "--person", name, "--email", email, "--role", role)
    return Person(url, name, made["key"])


def demo_contract(agency: str, name: str, dataset: str, *, but: Collection[str] = ()) -> Contract:
    """The demo's contract of `name` for an agency of the show, without the fields `but`.

    Its links lead where the demo's lead; names that they would give the records there are the demo's own.
    """
    text = (CONTRACTS / f"{name.replace('/', '__')}.yaml").read_text(encoding="utf-8")
    contract: Contract = yaml.safe_load(text)
    contract |= {"agency": agency, "dataset": dataset}
    contract["fields"] = [one for one in contract["fields"] if one["name"] not in but]
    for link in contract.get("links", ()):
        link.pop("reverse", None)
    contract.pop("shortcuts", None)
    return contract


def api_name(slug: str) -> str:
    """As GraphQL calls it: show_abcd is showAbcd."""
    first, *rest = slug.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _why(seen: dict[str, Any]) -> str:
    report: dict[str, Any] = seen.get("report") or {}
    errors = [error["message"]["en"] for error in report.get("errors", ())[:3]]
    return str(errors or seen.get("reason") or seen.get("error") or "no reason was given")
