"""The certificate of a release: signed JSON for programs and archives, a page to print for officials."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from publicgsb.datasets.privacy.certificates import store
from publicgsb.datasets.privacy.certificates.store import Kept
from publicgsb.datasets.registry import DatasetEntry, DatasetState, Registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotFound

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
Sign: TypeAlias = Callable[[bytes], str]  # a JWS in its compact form; raises Unavailable
Page: TypeAlias = Callable[[Mapping[str, Any]], Response]  # of `signed`

PATH = "/api/v1/agencies/{agency}/datasets/{dataset}/releases/{release}/certificate"
_RELEASE = re.compile(r"latest|[1-9][0-9]{0,8}")


def signed(kept: Kept, sign: Sign, state: str) -> dict[str, Any]:
    """The document to read, its hash as the audit has it, and the signature, whose payload is the document.

    `state` is that of the release today, beside the document, which stays as it was signed.
    """
    return {
        "certificate": json.loads(kept.text),
        "state": state,
        "sha256": kept.sha256,
        "signature": sign(kept.text.encode()),
    }


def state_of(entry: DatasetEntry, seq: int) -> str:
    """recalled, withdrawn (its dataset), gone (past its retention), current, or published: there, and not current."""
    if seq in entry.recalled:
        return "recalled"
    if entry.state is DatasetState.WITHDRAWN:
        return "withdrawn"
    if seq in entry.gone:
        return "gone"
    return "current" if entry.current is not None and entry.current.seq == seq else "published"


async def kept(connections: Connections, agency: str, dataset: str, seq: int) -> Kept:
    """NotFound also for what was released before there were certificates."""
    async with connections.use() as connection:
        found = await store.select(connection, agency, dataset, seq)
    if found is None:
        raise NotFound(f"Release {seq} of {agency}/{dataset} has no certificate.")
    return found


def routes(
    connections: Connections,
    registry: Callable[[], Registry],
    sign: Sign,
    page: Page,
    limit: Callable[[Endpoint], Endpoint],
) -> list[Route]:
    """Public: nothing in a certificate is a value, and that a withheld field exists is public."""

    async def found(request: Request) -> dict[str, Any]:
        names, now = request.path_params, registry()
        entry, release = now.dataset(names["agency"], names["dataset"]), names["release"]
        if not _RELEASE.fullmatch(release):
            raise NotFound("A certificate is named by its release's number or latest, e.g. releases/3/certificate.")
        if release != "latest":
            seq = int(release)
        elif entry.current is not None:
            seq = entry.current.seq
        else:
            entry.refuse_recalled(now.version)
            raise NotFound(f"{entry.name} has no current release.", hint="Name the number of an earlier one.")
        return signed(await kept(connections, entry.agency.slug, entry.slug, seq), sign, state_of(entry, seq))

    async def as_json(request: Request) -> Response:
        return JSONResponse(await found(request), headers={"Cache-Control": "no-cache"})

    async def as_page(request: Request) -> Response:
        return page(await found(request))

    return [
        Route(PATH, limit(as_json), methods=["GET"]),
        Route(f"{PATH}.html", limit(as_page), methods=["GET"]),
    ]
