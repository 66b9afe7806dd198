"""The metrics of the Metadata Quality Assessment of data.europa.eu: 405 points in five dimensions, one entry each.

Every one looks at the catalogue's own node, as a harvester gets it, or at what its addresses answered; none at the
contract. What is not published earns nothing, whatever is known here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.quality.profile import Node, members, violations

_EU = "http://publications.europa.eu/resource/authority"
_IANA = "https://www.iana.org/assignments/media-types/"
# Of the lists that the assessment keeps beside the vocabulary of file types: those in which files are made here.
# Parquet is in neither, and workbooks are not in the first.
NON_PROPRIETARY = frozenset({f"{_EU}/file-type/CSV"})
MACHINE_READABLE = frozenset({f"{_EU}/file-type/CSV", f"{_EU}/file-type/XLSX"})
_RIGHTS = frozenset(f"{_EU}/access-right/{code}" for code in ("PUBLIC", "RESTRICTED", "NON_PUBLIC"))


class Dimension(StrEnum):
    FINDABILITY = "findability"
    ACCESSIBILITY = "accessibility"
    INTEROPERABILITY = "interoperability"
    REUSABILITY = "reusability"
    CONTEXTUALITY = "contextuality"


@dataclass(frozen=True, slots=True)
class Seen:
    """A dataset's node, one of its files, and which status each address had: None without an answer."""

    dataset: Node
    file: Node
    access: int | None
    download: int | None


_Met: TypeAlias = Callable[[Seen], bool]


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    dimension: Dimension
    points: int
    measured: Label  # how, on what is published
    raised_by: Label
    is_met: _Met
    is_of_file: bool = False  # else of the dataset


def _has(path: str) -> _Met:
    return lambda seen: bool(members(seen.dataset, path))


def _file_has(path: str) -> _Met:
    return lambda seen: bool(members(seen.file, path))


def _ids(node: Node, path: str) -> list[str]:
    return [value["@id"] for value in members(node, path) if isinstance(value, dict) and "@id" in value]


def _is_answer(status: int | None) -> bool:
    return status is not None and 200 <= status < 400


def _format_is_in(codes: frozenset[str]) -> _Met:
    return lambda seen: not codes.isdisjoint(_ids(seen.file, "dct:format"))


def _is_from_vocabulary(seen: Seen) -> bool:
    formats, types = _ids(seen.file, "dct:format"), _ids(seen.file, "dcat:mediaType")
    return (
        bool(formats and types)
        and all(one.startswith(f"{_EU}/file-type/") for one in formats)
        and all(one.startswith(_IANA) for one in types)
    )


def _licence_is_listed(seen: Seen) -> bool:
    return any(one.startswith(f"{_EU}/licence/") for one in _ids(seen.file, "dct:license"))


def _rights_are_listed(seen: Seen) -> bool:
    return not _RIGHTS.isdisjoint(_ids(seen.dataset, "dct:accessRights"))


def _period_is_told(seen: Seen) -> bool:
    return any("dcat:startDate" in one or "dcat:endDate" in one for one in members(seen.dataset, "dct:temporal"))


def _of_dataset(
    name: str, dimension: Dimension, points: int, measured: Label, raised_by: Label, is_met: _Met
) -> Metric:
    return Metric(name, dimension, points, measured, raised_by, is_met)


def _of_file(name: str, dimension: Dimension, points: int, measured: Label, raised_by: Label, is_met: _Met) -> Metric:
    return Metric(name, dimension, points, measured, raised_by, is_met, is_of_file=True)


def _member(path: str) -> Label:
    return Label(f"{path} در گرهٔ مجموعه‌داده هست.", f"The dataset's node has {path}.")


def _file_member(path: str) -> Label:
    return Label(f"{path} در گرهٔ فایل هست.", f"The file's node has {path}.")


_RELEASE = Label("انتشاری که فایل دارد.", "A release with files.")
_CONTRACT = Label("قرارداد آن را می‌خواهد؛ دوباره بنویسید.", "Contracts have to say it: declare it anew.")
_OPEN = Label(
    "دسترسی آزاد: از آنچه کلید می‌خواهد، گردآورنده پاسخی نمی‌گیرد.",
    "Open access: a harvester has no key, and gets no answer from what needs one.",
)

_F, _A, _I = Dimension.FINDABILITY, Dimension.ACCESSIBILITY, Dimension.INTEROPERABILITY
_R, _C = Dimension.REUSABILITY, Dimension.CONTEXTUALITY

METRICS: tuple[Metric, ...] = (
    _of_dataset("keywords", _F, 30, _member("dcat:keyword"), _CONTRACT, _has("dcat:keyword")),
    _of_dataset("categories", _F, 30, _member("dcat:theme"), _CONTRACT, _has("dcat:theme")),
    _of_dataset(
        "spatial",
        _F,
        20,
        _member("dct:spatial"),
        Label(
            "در قرارداد پهنهٔ جغرافیایی را بنویسید: spatial.", "Say in the contract which place it is about: spatial."
        ),
        _has("dct:spatial"),
    ),
    _of_dataset(
        "temporal",
        _F,
        20,
        _member("dct:temporal"),
        Label(
            "هنگام انتشار روزی را که ردیف‌ها می‌گویند بنویسید: asOf.",
            "Say at the release which day its rows describe: asOf.",
        ),
        _period_is_told,
    ),
    _of_file(
        "accessUrlAnswers",
        _A,
        50,
        Label("پاسخ dcat:accessURL بی‌کلید 2xx یا 3xx است.", "dcat:accessURL answers 2xx or 3xx without a key."),
        Label(
            "صفحهٔ مجموعه‌داده باید از نشانی همگانی پاسخ دهد.", "The dataset's page has to answer at its public address."
        ),
        lambda seen: _is_answer(seen.access),
    ),
    _of_file("downloadUrl", _A, 20, _file_member("dcat:downloadURL"), _RELEASE, _file_has("dcat:downloadURL")),
    _of_file(
        "downloadUrlAnswers",
        _A,
        30,
        Label("پاسخ dcat:downloadURL بی‌کلید 2xx یا 3xx است.", "dcat:downloadURL answers 2xx or 3xx without a key."),
        _OPEN,
        lambda seen: _is_answer(seen.download),
    ),
    _of_file("format", _I, 20, _file_member("dct:format"), _RELEASE, _file_has("dct:format")),
    _of_file("mediaType", _I, 10, _file_member("dcat:mediaType"), _RELEASE, _file_has("dcat:mediaType")),
    _of_file(
        "formatFromVocabulary",
        _I,
        10,
        Label(
            "dct:format از فهرست اتحادیهٔ اروپا و dcat:mediaType از فهرست IANA است.",
            "dct:format is of the EU's list, and dcat:mediaType of IANA's.",
        ),
        _RELEASE,
        _is_from_vocabulary,
    ),
    _of_file(
        "nonProprietary",
        _I,
        20,
        Label("قالب در فهرست قالب‌های آزاد است.", "The format is in the list of those that nobody owns."),
        _RELEASE,
        _format_is_in(NON_PROPRIETARY),
    ),
    _of_file(
        "machineReadable",
        _I,
        20,
        Label("قالب در فهرست قالب‌های ماشین‌خوان است.", "The format is in the list of those that machines read."),
        _RELEASE,
        _format_is_in(MACHINE_READABLE),
    ),
    _of_dataset(
        "dcatApCompliance",
        _I,
        30,
        Label(
            "گره همهٔ آنچه DCAT-AP 3 می‌خواهد و توصیه می‌کند را دارد.",
            "The node has what DCAT-AP 3 asks for and recommends.",
        ),
        _CONTRACT,
        lambda seen: not violations(seen.dataset),
    ),
    _of_file("licence", _R, 20, _file_member("dct:license"), _RELEASE, _file_has("dct:license")),
    _of_file(
        "licenceFromVocabulary",
        _R,
        10,
        Label("dct:license از فهرست پروانه‌های اتحادیهٔ اروپا است.", "dct:license is of the EU's list of licences."),
        Label("پروانه‌ای از فهرست برگزینید، مانند CC-BY-4.0.", "Choose a licence that is in the list, e.g. CC-BY-4.0."),
        _licence_is_listed,
    ),
    _of_dataset("accessRights", _R, 10, _member("dct:accessRights"), _CONTRACT, _has("dct:accessRights")),
    _of_dataset(
        "accessRightsFromVocabulary",
        _R,
        5,
        Label("dct:accessRights از فهرست اتحادیهٔ اروپا است.", "dct:accessRights is of the EU's list."),
        _CONTRACT,
        _rights_are_listed,
    ),
    _of_dataset("contactPoint", _R, 20, _member("dcat:contactPoint"), _CONTRACT, _has("dcat:contactPoint")),
    _of_dataset("publisher", _R, 10, _member("dct:publisher"), _CONTRACT, _has("dct:publisher")),
    _of_file("rights", _C, 5, _file_member("dct:rights"), _RELEASE, _file_has("dct:rights")),
    _of_file(
        "byteSize",
        _C,
        5,
        _file_member("dcat:byteSize"),
        Label("پردازهٔ کارها فایل‌ها را می‌سازد.", "The jobs process has to make the files."),
        _file_has("dcat:byteSize"),
    ),
    _of_dataset("issued", _C, 5, _member("dct:issued"), _RELEASE, _has("dct:issued")),
    _of_dataset("modified", _C, 5, _member("dct:modified"), _RELEASE, _has("dct:modified")),
)
POINTS_MAX = sum(metric.points for metric in METRICS)
