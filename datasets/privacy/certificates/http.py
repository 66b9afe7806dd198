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
from publicgsb.datasets.registry import Registry
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotFound

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
Sign: TypeAlias = Callable[[bytes], str]  # a JWS in its compact form; raises Unavailable
Page: TypeAlias = Callable[[Mapping[str, Any]], Response]  # of `signed`

PATH = "/api/v1/agencies/{agency}/datasets/{dataset}/releases/{release}/certificate"
_RELEASE = re.compile(r"[1-9][0-9]{0,8}")


def signed(kept: Kept, sign: Sign) -> dict[str, Any]:
    """The document to read, its hash as the audit has it, and the signature, whose payload is the document."""
    return {
        "certificate": json.loads(kept.text),
        "sha256": kept.sha256,
        "signature": sign(kept.text.encode()),
    }


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
        names = request.path_params
        entry, release = registry().dataset(names["agency"], names["dataset"]), names["release"]
        if not _RELEASE.fullmatch(release):
            raise NotFound("A certificate is named by its release's number, e.g. releases/3/certificate.")
        return signed(await kept(connections, entry.agency.slug, entry.slug, int(release)), sign)

    async def as_json(request: Request) -> Response:
        return JSONResponse(await found(request), headers={"Cache-Control": "no-cache"})

    async def as_page(request: Request) -> Response:
        return page(await found(request))

    return [
        Route(PATH, limit(as_json), methods=["GET"]),
        Route(f"{PATH}.html", limit(as_page), methods=["GET"]),
    ]
