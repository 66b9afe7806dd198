"""The page of data requests in two languages: what was asked lately, what came of it, and each agency's figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from publicgsb.datasets.registry import Agency
from publicgsb.datasets.requests.model import RUNNING, DataRequest, State
from publicgsb.datasets.requests.store import Figures
from publicgsb.datasets.requests.working_days import WorkingDays
from publicgsb.platform.server.portal import formats
from publicgsb.platform.server.portal.page import PAGES, STYLE


@dataclass(frozen=True, slots=True)
class _Words:
    lang: str
    direction: str
    title: str
    tagline: str
    other_language: str
    home: str
    how: str
    agencies: str
    agency: str
    asked: str
    running: str
    answered: str
    refused: str
    without_ground: str
    no_answer: str
    median: str
    latest: str
    request: str
    state: str
    day: str
    due: str  # {day}
    nothing: str
    removed: str
    states: Mapping[State, str]


_FA = _Words(
    lang="fa",
    direction="rtl",
    title="درخواست‌های داده",
    tagline="هر کسی می‌تواند از یک دستگاه داده بخواهد؛ دستگاه ده روز کاری فرصت پاسخ دارد و نتیجه برای همه پیداست.",
    other_language="English below",
    home="صفحهٔ نخست",
    how="برای درخواست:",
    agencies="دستگاه‌ها",
    agency="دستگاه",
    asked="درخواست",
    running="در مهلت",
    answered="پاسخ‌داده",
    refused="ردشده با مستند",
    without_ground="ردشده بی‌مستند",
    no_answer="بدون پاسخ",
    median="میانهٔ روز کاری",
    latest="تازه‌ترین‌ها",
    request="درخواست",
    state="وضعیت",
    day="تاریخ درخواست",
    due="تا پایان {day}",
    nothing="هنوز درخواستی نشده است.",
    removed="حذف‌شده",
    states={
        State.OPEN: "باز",
        State.ACKNOWLEDGED: "خوانده‌شده",
        State.RELEASED: "منتشر شد",
        State.PARTLY_RELEASED: "بخشی منتشر شد",
        State.NOT_HELD: "دستگاه این داده را ندارد",
        State.REFUSED: "رد شد",
        State.REFUSED_WITHOUT_GROUND: "بدون مستند قانونی رد شد",
        State.NO_ANSWER: "بدون پاسخ",
        State.REMOVED: "حذف‌شده",
    },
)
_EN = _Words(
    lang="en",
    direction="ltr",
    title="Data requests",
    tagline="Anybody may ask an agency for data: it has ten working days, and everybody sees what came of it.",
    other_language="فارسی در بالا",
    home="Front page",
    how="To ask:",
    agencies="Agencies",
    agency="Agency",
    asked="Asked",
    running="Running",
    answered="Answered",
    refused="Refused on a ground",
    without_ground="Refused without",
    no_answer="No answer",
    median="Median working days",
    latest="The latest",
    request="Request",
    state="State",
    day="Asked on",
    due="until the end of {day}",
    nothing="Nobody has asked yet.",
    removed="Removed",
    states={
        State.OPEN: "open",
        State.ACKNOWLEDGED: "read",
        State.RELEASED: "released",
        State.PARTLY_RELEASED: "released in part",
        State.NOT_HELD: "not held",
        State.REFUSED: "refused",
        State.REFUSED_WITHOUT_GROUND: "refused without a legal ground",
        State.NO_ANSWER: "no answer",
        State.REMOVED: "removed",
    },
)


@dataclass(frozen=True, slots=True)
class _AgencyLine:
    name: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _RequestLine:
    url: str
    title: str
    agency: str
    state: str
    due: str  # "" for what has ended
    day: str


@dataclass(frozen=True, slots=True)
class _Half:
    words: _Words
    agencies: tuple[_AgencyLine, ...]
    requests: tuple[_RequestLine, ...]


def render_requests(
    requests: Sequence[DataRequest],
    figures: Sequence[Figures],
    now: datetime,
    calendar: WorkingDays,
    base_url: str,
    agencies: Mapping[str, Agency],
) -> str:
    """Titles are anybody's words: they are escaped, and set apart so that they turn nothing around them."""
    halves = []
    for words in (_FA, _EN):
        names = {slug: getattr(agency.name, words.lang) for slug, agency in agencies.items()}
        halves.append(
            _Half(
                words,
                tuple(_agency(one, words, names) for one in figures),
                tuple(_request(one, words, now, calendar, base_url, names) for one in requests),
            )
        )
    return PAGES.get_template("requests.html").render(style=STYLE, halves=halves, base_url=base_url)


def _agency(one: Figures, words: _Words, names: Mapping[str, str]) -> _AgencyLine:
    counts = (one.asked, one.running, one.answered, one.refused, one.refused_without_ground, one.no_answer)
    numbers = [formats.number(count, words.lang) for count in counts]
    median = one.median_working_days
    numbers.append("" if median is None else formats.digits(f"{median:g}", words.lang))
    return _AgencyLine(names.get(one.agency, one.agency), tuple(numbers))


def _request(
    one: DataRequest, words: _Words, now: datetime, calendar: WorkingDays, base_url: str, names: Mapping[str, str]
) -> _RequestLine:
    state = one.state(now)
    due = words.due.format(day=formats.day(calendar.last_day(one.due_at), words.lang)) if state in RUNNING else ""
    return _RequestLine(
        url=f"{base_url}/api/v1/requests/{one.id}",
        title=one.title or words.removed,
        agency=names.get(one.agency, one.agency),
        state=words.states[state],
        due=due,
        day=formats.day(calendar.local_day(one.asked_at), words.lang),
    )
