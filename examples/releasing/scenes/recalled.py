"""A recall, timed, while somebody reads: nothing of the release is served to a request sent after the call returned."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx2
from examples.releasing.ground import Ground, api_name
from examples.releasing.people import Startup, Surprise

READ_BEFORE, READ_AFTER = 30, 60  # requests
EACH_SECONDS = 0.1  # between two of them: the startup's plan is the smallest
SECONDS_MAX = 60
REASON = {"fa": "دادهٔ شخصی در آن بود", "en": "Personal data was in it"}


def show(ground: Ground) -> dict[str, Any]:
    tell, dataset = ground.tell, f"{ground.agency}/aviation_airports"
    done = ground.published(ground.publisher.hand_in(dataset, ground.csv / "aviation/airports.csv")["id"])
    release = done["release"]
    file = urlsplit(str(ground.made_files(dataset)["csv"]["url"]))
    tell.step(
        f"{dataset}: release {release} is out ({done['review']['rows']['rows']:,} rows), and an application reads it"
    )
    reader = Reader(ground.startup, ground.agency, release, f"{file.path}?{file.query}")
    with reader:
        reader.wait(READ_BEFORE)
        ground.until_used(dataset)
        before = reader.served
        began = time.monotonic()
        recalled = ground.publisher.ask(
            "POST",
            f"/api/v1/agencies/{ground.agency}/datasets/aviation_airports/releases/{release}/recall",
            json={"reason": REASON},
        )
        reader.returned = time.monotonic()
        took_ms = round((reader.returned - began) * 1000, 1)
        reader.wait(reader.asked + READ_AFTER)
    cannot = recalled["cannotBeRecalled"]
    tell.step(
        f"It was served {before:,} times; {ground.publisher.name} recalls it: {recalled['effective']}, "
        f"{recalled['workers']} processes, {took_ms:.0f} ms; release {recalled['current']} is current"
    )
    tell.step(
        f"  {reader.asked_after} requests sent after the call returned: {reader.served_after} served it; "
        f"{_told(reader.after)}"
    )
    if cannot is not None:
        tell.step(
            f"  what cannot be recalled: {cannot['bytes']:,} bytes in {cannot['requests']} requests, read by "
            f"{cannot['applications']} application of {cannot['organisations']} organisation, who is told"
        )
    return {
        "dataset": dataset,
        "release": release,
        "servedBefore": before,
        "effective": recalled["effective"],
        "processes": recalled["workers"],
        "tookMs": took_ms,
        "askedAfter": reader.asked_after,
        "servedAfter": reader.served_after,
        "answersAfter": dict(reader.after),
        "current": recalled["current"],
        "cannotBeRecalled": cannot,
    }


@dataclass
class Reader:
    """Asks for the release in three ways without a pause: as the current one, by its number, and for its file."""

    startup: Startup
    agency: str
    release: int
    file: str
    returned: float = float("inf")  # when the recall had answered
    served: int = 0
    asked: int = 0
    asked_after: int = 0
    served_after: int = 0
    after: Counter[str] = field(default_factory=Counter[str])
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Reader":
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join()

    def wait(self, asked: int) -> None:
        deadline = time.monotonic() + SECONDS_MAX
        while self.asked < asked:
            if time.monotonic() > deadline or self._thread is None or not self._thread.is_alive():
                raise Surprise(f"The reader asked {self.asked} times where {asked} were expected.")
            time.sleep(EACH_SECONDS)

    def _read(self) -> None:
        agency = api_name(self.agency)
        current = f"{{ {agency} {{ aviationAirports(first: 1) {{ nodes {{ icao }} }} }} }}"
        named = f"{{ {agency} {{ aviationAirports(first: 1, release: {self.release}) {{ nodes {{ icao }} }} }} }}"
        ways = (partial(self._graphql, current), partial(self._graphql, named), self._get)
        while not self._stop.is_set():
            for ask in ways:
                began = time.monotonic()
                is_served, told = ask()
                self._note(began, is_served, told)
                self._stop.wait(EACH_SECONDS)

    def _graphql(self, query: str) -> tuple[bool, str]:
        """Whether the receipt names the release, and what was said."""
        answer = self.startup.http.post("/graphql", json={"query": query})
        told = answer.json()
        receipt = told.get("extensions", {}).get("receipt", ())
        served = any(one["release"] == self.release for one in receipt)
        errors = told.get("errors", ())
        return served, errors[0]["extensions"]["code"] if errors else f"release {receipt[0]['release']}"

    def _get(self) -> tuple[bool, str]:
        answer = httpx2.get(f"{self.startup.url}{self.file}", headers={"Range": "bytes=0-99"})
        served = answer.status_code in (200, 206)
        return served, "its file" if served else f"its file: {answer.status_code}"

    def _note(self, began: float, is_served: bool, told: str) -> None:
        self.asked += 1
        self.served += is_served
        if began > self.returned:
            self.asked_after += 1
            self.served_after += is_served
            self.after[told] += 1


def _told(after: Counter[str]) -> str:
    return ", ".join(f"{told} × {count}" for told, count in sorted(after.items()))
