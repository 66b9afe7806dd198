"""The certificate of a release as a page to print and file: both languages, nothing to load, a pure function."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from publicgsb.platform.server.portal import formats
from publicgsb.platform.server.portal.page import PAGES, STYLE

_PER_LINE = 64  # characters of the signature


@dataclass(frozen=True, slots=True)
class CertificateWords:
    lang: str
    direction: str
    title: str
    tagline: str
    other_language: str
    states: dict[str, str]  # of the release today
    facts: dict[str, str]
    nobody: str
    columns: str
    column: str
    verdict: str
    evidence: str
    done: str
    verdicts: dict[str, str]
    steps: dict[str, str]  # {at}: the argument
    source: str  # {column}
    dropped: str
    ground: str  # {code}
    groups: str
    none: str
    is_met: dict[bool, str]
    held_to: str  # {profile} {k} {l}
    profiles: dict[str, str]
    linkage: str
    joined: str  # {dataset} {shared} {unique} {one}
    articles: str
    thresholds: str
    rule: str  # what they mean
    signature: str
    check: str


_FA = CertificateWords(
    lang="fa",
    direction="rtl",
    title="گواهی انتشار",
    tagline="این برگه می‌گوید دروازهٔ حریم خصوصی این انتشار را با کدام قواعد سنجید و هر ستون چه حکمی گرفت.",
    other_language="English below",
    states={
        "current": "وضع امروز: این انتشار جاری است.",
        "published": "وضع امروز: این انتشار در دسترس است ولی جاری نیست.",
        "gone": "وضع امروز: ردیف‌های این انتشار دیگر نگه‌داری نمی‌شود.",
        "recalled": "وضع امروز: این انتشار بازپس گرفته شده و دیگر هیچ‌جا خواندنی نیست.",
        "withdrawn": "وضع امروز: سازمان این مجموعه‌داده را پس گرفته است.",
    },
    facts={
        "dataset": "مجموعه‌داده", "release": "شمارهٔ انتشار", "publishedAt": "روز انتشار", "rows": "ردیف‌ها",
        "contractVersion": "نسخهٔ قرارداد", "pack": "بستهٔ قواعد", "reviewer": "بازبین", "file": "چکیدهٔ پرونده",
        "contract": "چکیدهٔ قرارداد", "rowsHash": "چکیدهٔ ردیف‌ها", "withheld": "منتشرنشده",
    },
    nobody="بدون بازبین جداگانه",
    columns="ستون‌ها",
    column="ستون",
    verdict="حکم",
    evidence="شواهد (شمار)",
    done="کار قرارداد",
    verdicts={"publish": "انتشار", "transform": "تبدیل", "drop": "حذف", "review": "بازبینی"},
    steps={
        "zeroPad": "با صفرِ آغازین تا {at} نویسه پر می‌شود", "prefix": "تنها {at} نویسهٔ نخست می‌ماند",
        "prepend": "{at} پیش از آن می‌آید", "fold": "به شکل جست‌وجو درمی‌آید", "jalaliYear": "تنها سال شمسی می‌ماند",
        "round": "به {at} رقم اعشار گرد می‌شود", "suppress": "عددهای ۱ تا کمتر از {at} پوشیده می‌شود",
        "group": "تنها گروه‌های آن منتشر می‌شود", "sum": "تنها جمع آن در هر گروه منتشر می‌شود",
    },
    source="از {column}",
    dropped="منتشر نمی‌شود",
    ground="منتشر نمی‌شود، به استناد {code}",
    groups="گروه‌ها",
    none="ستونی که شخصی را توصیف کند اعلام یا حدس زده نشد.",
    is_met={True: "همهٔ گروه‌ها به اندازهٔ کافی بزرگ‌اند.", False: "ستون‌های حدسی گروه‌های کوچک می‌سازند؛ تنها برای آگاهی."},
    held_to="نمای {profile}: هر گروه دست‌کم {k} عضو و {l} مقدار حساس",
    profiles={"standard": "معمولی", "sensitive": "حساس", "business": "کسب‌وکار"},
    linkage="پیوند با انتشارهای دیگر سازمان‌ها",
    joined="{dataset} از راه {shared}: {unique} ردیف یکتا می‌شود، {one} ردیف یک‌به‌یک",
    articles="مستند قانونی",
    thresholds="آستانه‌ها",
    rule="ستونی شخصی است که دست‌کم n مقدار گوناگون داشته باشد و سهم p از آن‌ها با شکل جور باشد.",
    signature="امضا",
    check="با کلید عمومی همین نشانی راستی‌آزمایی کنید:",
)  # fmt: skip
_EN = CertificateWords(
    lang="en",
    direction="ltr",
    title="Release certificate",
    tagline="By which rules the privacy gate judged this release, and the verdict on each of its columns.",
    other_language="فارسی در بالا",
    states={
        "current": "Today this release is current.",
        "published": "Today this release can be read and is not current.",
        "gone": "Today the rows of this release are past their retention.",
        "recalled": "Today this release is recalled and can be read nowhere.",
        "withdrawn": "Today this dataset is withdrawn by its agency.",
    },
    facts={
        "dataset": "Dataset", "release": "Release", "publishedAt": "Published", "rows": "Rows",
        "contractVersion": "Contract", "pack": "Rule pack", "reviewer": "Reviewer", "file": "SHA-256 of the file",
        "contract": "SHA-256 of the contract", "rowsHash": "SHA-256 of the rows", "withheld": "Withheld",
    },
    nobody="nobody but the publisher",
    columns="Columns",
    column="Column",
    verdict="Verdict",
    evidence="Evidence (counts)",
    done="What the contract does",
    verdicts={"publish": "publish", "transform": "transform", "drop": "drop", "review": "review"},
    steps={
        "zeroPad": "filled with leading zeros to {at} characters", "prefix": "only the first {at} characters stay",
        "prepend": "{at} is put before it", "fold": "its search form", "jalaliYear": "only the Jalali year stays",
        "round": "rounded to {at} decimal places", "suppress": "numbers from 1 to below {at} are withheld",
        "group": "only groups of it are published", "sum": "only its sums over groups are published",
    },
    source="from {column}",
    dropped="not published",
    ground="not published, on the ground {code}",
    groups="Groups",
    none="No column was declared or guessed to describe a person.",
    is_met={True: "Every group is large enough.", False: "Guessed columns make small groups; told, not held to."},
    held_to="Profile {profile}: at least {k} members and {l} sensitive values in each group",
    profiles={"standard": "standard", "sensitive": "sensitive", "business": "business"},
    linkage="Joined with other agencies' releases",
    joined="{dataset} by {shared}: {unique} rows become unique, {one} match one to one",
    articles="Articles of law",
    thresholds="Thresholds",
    rule="A column is personal from n distinct values on, of which the share p fits the form.",
    signature="Signature",
    check="Check it with the public key at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Half:
    words: CertificateWords
    title: str
    state: str
    facts: tuple[tuple[str, str, bool], ...]  # name, value, whether it is code
    columns: tuple[tuple[str, str, str, str], ...]
    groups: tuple[str, ...]
    linkage: tuple[str, ...]
    articles: tuple[tuple[str, str], ...]
    thresholds: tuple[str, ...]


def render_certificate(signed: Mapping[str, Any], base_url: str, jwks_path: str) -> str:
    document, signature = signed["certificate"], signed["signature"]
    return PAGES.get_template("certificate.html").render(
        style=STYLE,
        halves=tuple(_half(document, signed["state"], words) for words in (_FA, _EN)),
        signature=[signature[at : at + _PER_LINE] for at in range(0, len(signature), _PER_LINE)],
        sha256=signed["sha256"],
        keys=f"{base_url}{jwks_path}",
    )


def _half(document: Mapping[str, Any], state: str, words: CertificateWords) -> _Half:
    lang = words.lang
    return _Half(
        words=words,
        title=document["title"][lang],
        state=words.states[state],
        facts=tuple(_facts(document, words)),
        columns=tuple(
            (
                column["field"],
                words.verdicts[column["decision"]],
                _done(column.get("carriedOut"), words),
                "، ".join(_evidence(one, lang) for one in column["evidence"]) or "-",
            )
            for column in document["columns"]
        ),
        groups=tuple(_groups(document["anonymity"], words)),
        linkage=tuple(
            words.joined.format(
                dataset=_isolated(one["dataset"]),
                shared=_isolated(" + ".join(pair["here"] for pair in one["shared"])),
                unique=formats.number(one["becomeUnique"], lang),
                one=formats.number(one["oneToOne"], lang),
            )
            for one in document["linkage"] or ()
        ),
        articles=tuple((code, told[lang]) for code, told in document["articles"].items()),
        thresholds=tuple(
            f"{form}: n ≥ {rule['distinctMin']}, p ≥ {rule['blockFrom']}"
            for form, rule in document["thresholds"].items()
        ),
    )


def _isolated(text: str) -> str:
    """A name within a sentence of the other direction (Unicode's first strong isolate), so that neither turns."""
    return f"\u2068{text}\u2069"


def _facts(document: Mapping[str, Any], words: CertificateWords) -> list[tuple[str, str, bool]]:
    lang, named = words.lang, words.facts
    pack, hashes = document["pack"], document["sha256"]
    published = datetime.fromisoformat(document["publishedAt"])
    return [
        (named["dataset"], document["dataset"], True),
        (named["release"], formats.number(document["release"], lang), False),
        (named["publishedAt"], formats.day(published.date(), lang), False),
        (named["rows"], formats.number(document["rows"], lang), False),
        (named["contractVersion"], document["contractVersion"], True),
        (named["pack"], f"{pack['title'][lang]} · {pack['name']} {pack['version']}", False),
        (named["reviewer"], document["reviewer"] or words.nobody, False),
        (named["withheld"], ", ".join(document["withheld"]) or "-", True),
        (named["file"], hashes["file"] or "–", True),
        (named["contract"], hashes["contract"], True),
        (named["rowsHash"], hashes["release"], True),
    ]


def _evidence(one: Mapping[str, Any], lang: str) -> str:
    counts = f"{formats.number(one['matched'], lang)} / {formats.number(one['distinct'], lang)}"
    return f"{one['kind']} {counts} ({one['legalBasis']})"


def _done(carried_out: Mapping[str, Any] | None, words: CertificateWords) -> str:
    """In the language's own words, with the contract's, by which it can be looked up; "-" where nothing is done."""
    if carried_out is None:
        return "-"
    if "apply" not in carried_out:
        code = carried_out["legalGround"]
        return words.ground.format(code=_isolated(code)) if code else words.dropped
    steps = [_step(step, words) for step in carried_out["apply"]]
    source = [words.source.format(column=_isolated(carried_out["from"]))] if "from" in carried_out else []
    return ("؛ " if words.lang == "fa" else "; ").join([*source, *steps])


def _step(step: str | Mapping[str, Any], words: CertificateWords) -> str:
    name, argument = (step, None) if isinstance(step, str) else next(iter(step.items()))
    at = formats.number(argument, words.lang) if isinstance(argument, int) else _isolated(argument or name)
    written = name if argument is None else f"{name}: {argument}"
    return f"{words.steps[name].format(at=at)} [{_isolated(written)}]"


def _groups(anonymity: Mapping[str, Any] | None, words: CertificateWords) -> list[str]:
    if anonymity is None:
        return [words.none]
    held_to = words.held_to.format(
        profile=_isolated(words.profiles[anonymity["profile"]]),
        k=formats.number(anonymity["k"], words.lang),
        l=formats.number(anonymity["l"], words.lang),
    )
    columns = _isolated(", ".join(anonymity["quasiIdentifiers"]))
    return [f"{held_to}: {columns}", words.is_met[anonymity["isMet"]]]
