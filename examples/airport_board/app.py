"""The web service: a page per airport, day and hour, and the address that webhooks are sent to."""

import logging
import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from examples.airport_board.board import HOURS, Board, persian, persian_date, read_board
from examples.airport_board.cache import Cache
from examples.airport_board.key_file import KeyFile
from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from publicgsb_sdk import AsyncClient, GsbError, VerificationFailed, jalali, webhooks

AIRPORT = re.compile("[A-Z0-9]{3}")
DAY = date(2013, 3, 2)  # the demo's flights are of 2013
YEARS = range(1900, 2100)
HOUR_LAST = 24 - HOURS
PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)
PAGES.filters["persian"] = persian
ABOUT_RELEASES = (
    "release.published",
    "release.corrected",
    "release.rolled_back",
    "release.recalled",
    "dataset.withdrawn",
)

log = logging.getLogger("airport_board")


class Departures:
    """One client for all requests, and the boards that it was answered."""

    def __init__(self, gsb: AsyncClient, key: KeyFile, secrets: Path) -> None:
        self._gsb = gsb
        self._key = key
        self._secrets = secrets
        self._cache = Cache()

    async def page(self, request: Request) -> Response:
        iata = request.path_params["iata"].upper()
        if not AIRPORT.fullmatch(iata):
            return _sorry(404, "کد فرودگاه سه حرف یا رقم است، مانند EWR.")
        try:
            day, hour = _asked(request)
        except ValueError:
            return _sorry(400, "چنین روز یا ساعتی نیست: ?day=2013-03-02 یا ?day=1391-12-12 و ?hour=6")
        try:
            board = await self._cache.get((iata, day.isoformat(), hour), lambda: self._made(iata, day, hour))
        except GsbError as error:
            log.warning("No board: %s", error)
            return _sorry(503, error.message)
        if board.airport == "":
            return _sorry(404, f"فرودگاهی با کد {iata} نیست.")
        return HTMLResponse(PAGES.get_template("board.html").render(
            board=board, iata=iata, day=day, hour=hour, date=persian_date(day), hours=HOURS, hour_last=HOUR_LAST,
        ))  # fmt: skip

    async def hook(self, request: Request) -> Response:
        """Answers once the message is acted upon, which takes no time; whoever cannot sign changes nothing."""
        try:
            event = webhooks.verify(await request.body(), request.headers, self._secrets.read_text("utf-8").split())
        except VerificationFailed as error:
            return JSONResponse({"error": str(error)}, 401)
        except (GsbError, OSError) as error:  # the file is empty or away, as before the first registration
            log.warning("A message cannot be verified: %s", error)
            return JSONResponse({"error": "There is no secret here to verify by."}, 503, {"retry-after": "5"})
        if event.kind in ABOUT_RELEASES:
            current = event.data["current"] if event.kind == "release.recalled" else event.data.get("release")
            self._cache.heard(event.data["dataset"], event.data["registryVersion"], current)
            log.info("%s: %s, release %s", event.kind, event.data["dataset"], current)
        return Response(status_code=204)

    async def _made(self, iata: str, day: date, hour: int) -> Board:
        board = await read_board(self._gsb, iata, day, hour)
        await self._key.look_at(self._gsb)
        return board


def build(url: str, key_file: Path, secrets_file: Path) -> Starlette:
    """The service out of an address and two files, which are read again and again."""
    key = KeyFile(key_file)
    gsb = AsyncClient(key, url, locale="fa", max_retries=4)

    @asynccontextmanager
    async def closing(_: Starlette) -> AsyncGenerator[None, None]:
        async with gsb:
            yield

    departures = Departures(gsb, key, secrets_file)
    routes = [Route("/hooks/gsb", departures.hook, methods=["POST"]), Route("/{iata}", departures.page)]
    return Starlette(routes=routes, lifespan=closing)


def from_environment() -> Starlette:
    """For `uvicorn --factory`."""
    logging.basicConfig(level=logging.INFO)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    return build(os.environ["PGSB_URL"], Path(os.environ["PGSB_KEY_FILE"]), Path(os.environ["WEBHOOK_SECRET_FILE"]))


def _asked(request: Request) -> tuple[date, int]:
    """`?day=` of either calendar and `?hour=`; ValueError for what is none."""
    day, hour = request.query_params.get("day"), int(request.query_params.get("hour", "6"))
    if not 0 <= hour <= HOUR_LAST:
        raise ValueError(hour)
    if day is None:
        return DAY, hour
    try:
        return jalali(day), hour
    except GsbError:
        found = date.fromisoformat(day)
    if found.year not in YEARS:
        raise ValueError(day)
    return found, hour


def _sorry(status: int, words: str) -> Response:
    headers = {"retry-after": "5"} if status == 503 else None
    return HTMLResponse(PAGES.get_template("sorry.html").render(words=words), status, headers)
