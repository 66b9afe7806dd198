"""docs/compat.md, out of the tools and what came of them."""

import json
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.compat.known import ANSWER, QUESTION, VARIABLES
from tests.compat.tool import Kind, Tool

PROBLEM_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """`problem` is empty when the tool works."""

    tool: Tool
    version: str
    problem: str


def page(outcomes: Sequence[Outcome], day: date) -> str:
    """The whole page: one table, then what a user of each tool writes."""
    working = sum(not one.problem for one in outcomes)
    lines = [
        _HEAD.format(working=working, tools=len(outcomes), day=day.isoformat(), where=_where()),
        "| tool | version | what is checked | |",
        "|---|---|---|---|",
        *(_row(one) for one in outcomes),
        "",
        _QUESTION.format(question=QUESTION, variables=_json(VARIABLES), answer=_json(ANSWER)),
    ]
    for kind in Kind:
        lines += [f"## {kind.value}", ""]
        lines += [line for one in outcomes if one.tool.kind is kind for line in section(one.tool)]
    return "\n".join(lines).rstrip() + "\n"


def section(tool: Tool) -> Iterator[str]:
    """What its user writes, and how it is best used."""
    yield f"### {tool.name}"
    yield ""
    yield from (f"```{tool.language}", tool.snippet.strip(), "```", "")
    if tool.advice:
        yield from (tool.advice, "")


def _row(one: Outcome) -> str:
    result = f"**failed**: {_cell(one.problem)}" if one.problem else "works"
    return f"| [{one.tool.name}](#{one.tool.slug}) | {one.version} | {one.tool.checked} | {result} |"


def _cell(problem: str) -> str:
    return " ".join(problem.split())[:PROBLEM_CHARACTERS].replace("|", "\\|")


def _where() -> str:
    release = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    return f"{release.get('PRETTY_NAME', platform.system())}, Python {platform.python_version()}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


_HEAD = """# Known to work with others

{working} of {tools} tools work, each used as its own documentation tells its users to: the lines below are the ones
that ran, against the demo's real data. `make compat` runs them all and writes this page, `make prove` runs them too.
Last written on {day}, on {where}.

What is checked is the value of each cell: codes with their zeros, Persian with joiners that nobody sees, missing
values, all digits of a number, moments. All lines expect these two:

```sh
export PGSB_URL=http://127.0.0.1:8000 PGSB_API_KEY=gsbl_…
```
"""

_QUESTION = """\
Files of open datasets need no key. In their addresses `latest` is the current release, and a number that one: take
the number where a file is read in stretches or a download goes on, so that no new release comes in between. A large
release has several parts: [files.md](files.md) tells how to list them, and how to have addresses that are signed, for
tools that can send no key.

## One question

All that ask, ask `question.graphql` with `variables.json` beside it:

```graphql
{question}```

```json
{variables}
```

and get, to the last digit:

```json
{answer}
```
"""
