"""A request that hurts stock GraphQL servers, as data: what is sent, and the one answer that is right."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
_SPELLING_BITS = 12


@dataclass(frozen=True, slots=True)
class Attack:
    """`reason` narrows the code; None for both: it is answered. `switches`: Boolean variables b0, b1, … by attempt."""

    number: str
    name: str
    status: int
    reason: str | None = None
    code: str | None = None
    source: str | None = None
    variables: Mapping[str, Any] | None = None
    switches: int = 0
    body: bytes | None = None
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    grows: bool = False  # with the schema: above some size it is QUERY_TOO_COSTLY

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def attempt(self, number: int) -> dict[str, Any]:
        """The arguments of an httpx request; every number is another text with the same meaning."""
        headers = {"content-type": JSON, **self.headers}
        if self.params is not None:
            return {"method": "GET", "params": self.params, "headers": headers}
        if self.source is None:
            return {"method": "POST", "content": self.body, "headers": headers}
        spelling = "".join(" ,"[number >> bit & 1] for bit in range(_SPELLING_BITS))
        switches = {f"b{bit}": bool(number >> bit & 1) for bit in range(self.switches)}
        asked = {"query": spelling + self.source, "variables": {**(self.variables or {}), **switches}}
        return {"method": "POST", "content": json.dumps(asked), "headers": headers}


def refused(number: str, name: str, source: str, reason: str = "validation", **more: Any) -> Attack:
    return Attack(number, name, 400, reason, "INVALID_REQUEST", source, **more)


def costly(number: str, name: str, source: str, reason: str | None = None, **more: Any) -> Attack:
    return Attack(number, name, 400, reason, "QUERY_TOO_COSTLY", source, **more)


def answered(number: str, name: str, source: str, **more: Any) -> Attack:
    return Attack(number, name, 200, source=source, **more)


def sent(number: str, name: str, body: bytes, status: int = 400, reason: str = "body", **more: Any) -> Attack:
    return Attack(number, name, status, reason, "INVALID_REQUEST", body=body, **more)
