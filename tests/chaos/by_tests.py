"""Rows that tests measure: the same tests as in make prove, played by themselves, with the figures that they tell.

A test tells a figure by pytest's `record_property`; it is read from the report.
"""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.chaos.ground import ROOT, Ground
from tests.chaos.report.finding import Claim

SECONDS_MAX = 1_800.0


@dataclass(frozen=True, slots=True)
class Played:
    """`failures`: what each test that failed said first. `figures`: what they told, by name."""

    tests: int
    failures: tuple[str, ...]
    figures: Mapping[str, str]

    def claim(self, says: str, found: str = "") -> Claim:
        """Holds when all tests passed; else it says what the first one found."""
        if self.failures:
            return Claim(says, self.failures[0], False)
        return Claim(says, found or f"{self.tests} tests passed", self.tests > 0)

    def number(self, name: str) -> float:
        """What was told under this name; not a number when a test ended before it told."""
        return float(self.figures.get(name, "nan"))


async def play_tests(ground: Ground, *names: str, **variables: str) -> Played:
    """`names`: of files or tests, as pytest takes them. They run on the engines of the ground."""
    with tempfile.TemporaryDirectory(prefix="gsb") as folder:
        report = Path(folder) / "report.xml"
        engines = {"GSB_DATABASE_URL": ground.engines.database_url, "GSB_REDIS_URL": ground.engines.redis_url}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pytest", "-n0", "-q", "-p", "no:cacheprovider", "-m", "prove or not prove",
            "-o", "junit_family=xunit1", f"--junitxml={report}", *names,
            cwd=ROOT, env={**os.environ, **engines, **variables}, stdin=DEVNULL, stdout=PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(SECONDS_MAX):
                told, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if not report.is_file():
            return Played(0, (told.decode()[-300:],), {})
        return _read(report)


def _read(report: Path) -> Played:
    cases = list(ElementTree.parse(report).iter("testcase"))
    failures = tuple(
        f"{case.get('name')}: {(found.get('message') or '').splitlines()[0][:200]}"
        for case in cases
        for found in (*case.findall("failure"), *case.findall("error"), *case.findall("skipped"))
    )
    figures = {
        str(told.get("name")): str(told.get("value")) for case in cases for told in case.iterfind("properties/property")
    }
    return Played(len(cases), failures, figures)
