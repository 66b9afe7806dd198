"""What stands on the site of documentation, in its order: guides of the library, pages of the service, the reference.

Each page has one name in both languages, so that a reader who changes the language stays where they are.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

Language = Literal["en", "fa"]
LANGUAGES: tuple[Language, ...] = ("en", "fa")
ROOT = Path(__file__).parents[2]
BEGINNING = ""  # what stands before the first section of a file


class Words(NamedTuple):
    """The same in both languages."""

    en: str
    fa: str

    def of(self, language: Language) -> str:
        return self.fa if language == "fa" else self.en


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site, out of a file or of some of its sections. `docs/fa` has the Persian of `is_translated`."""

    name: str
    title: Words
    source: str
    sections: tuple[str, ...] = ()
    is_translated: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Names of the library that serve one purpose. A member that is named here is told here, not at its class."""

    name: str
    title: Words
    about: Words
    names: tuple[str, ...]


def _there(*pages: Page) -> tuple[Page, ...]:
    """Those whose file this checkout has."""
    return tuple(page for page in pages if (ROOT / page.source).is_file())


README = "sdk/README.md"

GUIDES = (
    Page("index", Words("Getting started", "آغاز کار"), README, (BEGINNING,), True),
    Page(
        "asking-by-library",
        Words("Queries", "پرسش‌ها"),
        README,
        ("A query says what it wants, and asks only at its end",),
        True,
    ),
    Page("frames", Words("Frames", "جدول‌ها"), "docs/frames.md", (BEGINNING,), True),
    Page("downloads", Words("Downloads", "دریافت فایل"), "docs/frames.md", ("Downloads",), True),
    Page(
        "limits-and-errors",
        Words("Quotas and errors", "سهمیه و خطا"),
        README,
        ("What it costs", "Errors", "Waiting"),
        True,
    ),
    Page("testing", Words("Testing", "آزمودن برنامه"), "docs/testing.md", (), True),
    Page(
        "publishing",
        Words("Publishing", "انتشار از برنامه"),
        README,
        ("An agency's side",),
        True,
    ),
    Page("typed-modules", Words("Types from contracts", "نوع‌ها از قراردادها"), "docs/typed-modules.md", (), True),
    Page("pgsb", Words("pgsb, the command line", "خط فرمان pgsb"), "docs/pgsb.md", (), True),
    Page(
        "signed-answers",
        Words("Tokens and signed answers", "نشان و پاسخ امضاشده"),
        README,
        ("Tokens, and answers that others must believe", "Webhooks"),
        True,
    ),
    Page("sdk-figures", Words("How fast, and on bad lines", "سرعت، و خط‌های بد"), "docs/sdk-figures.md"),
)

SERVICE = _there(
    Page("quickstart", Words("Five minutes", "پنج دقیقه"), "docs/quickstart.md"),
    Page("queries", Words("Three questions", "سه پرسش نمونه"), "docs/queries.md"),
    Page("asking", Words("The GraphQL endpoint", "نقطهٔ GraphQL"), "docs/asking.md"),
    Page("rest", Words("REST routes", "مسیرهای REST"), "docs/rest.md"),
    Page("errors", Words("Codes of errors", "کدهای خطا"), "docs/errors.md"),
    Page("keys", Words("Keys", "کلیدها"), "docs/keys.md"),
    Page("tokens", Words("Tokens and signatures", "نشان و امضا"), "docs/tokens.md"),
    Page("leaked-keys", Words("Leaked keys", "کلیدهای لورفته"), "docs/leaked-keys.md"),
    Page("files", Words("Files", "فایل‌ها"), "docs/files.md"),
    Page("webhooks", Words("Webhooks", "وب‌هوک"), "docs/webhooks.md"),
    Page("quality", Words("Quality of data", "کیفیت داده"), "docs/quality.md"),
    Page("grants", Words("Restricted data", "دادهٔ محدود"), "docs/grants.md"),
    Page("requests", Words("Asking for data", "درخواست داده"), "docs/requests.md"),
    Page("compat", Words("Tools of others", "ابزارهای دیگران"), "docs/compat.md"),
    Page("demo-data", Words("Data of the demo", "داده‌های نمایشی"), "docs/demo-data.md"),
    Page("glossary", Words("Glossary", "واژه‌نامه"), "docs/glossary.md"),
)

# What operators, publishers and those who build the service read.
NOT_ON_THE_SITE = (
    *("architecture", "benchmarks", "checked", "long-run", "operations", "privacy", "releasing", "releasing-shown"),
    *("reliability", "settings"),
)

REFERENCE = (
    Group(
        "client",
        Words("Client", "کلاینت"),
        Words("One service and one key: where a program begins.", "یک سامانه و یک کلید: آغاز هر برنامه."),
        ("Client", "Response", "__version__"),
    ),
    Group(
        "account",
        Words("Account, limits and budgets", "حساب، سهمیه و بودجه"),
        Words(
            "Who you are, what is left, and what a job may spend.", "شما که هستید، چه مانده و یک کار چقدر خرج می‌کند."
        ),
        ("Account", "Limit", "Usage", "Budget", "Token"),
    ),
    Group(
        "queries",
        Words("Datasets and queries", "مجموعه‌داده و پرسش"),
        Words(
            "A dataset is an immutable query; nothing is asked before its rows are.",
            "مجموعه‌داده خودش پرسشی تغییرناپذیر است؛ تا ردیف‌ها را نخواهید چیزی پرسیده نمی‌شود.",
        ),
        ("Dataset", "Page", "Change", "Result", "Cost"),
    ),
    Group(
        "conditions",
        Words("Conditions, days and spellings", "شرط، روز و نگارش"),
        Words("What `where` takes.", "آنچه `where` می‌پذیرد."),
        ("F", "expressions.Term", "Condition", "jalali", "fold"),
    ),
    Group(
        "catalogue",
        Words("Catalogue and contracts", "فهرست و قرارداد"),
        Words("What there is, and what an agency promises of it.", "چه هست، و دستگاه دربارهٔ آن چه تعهدی دارد."),
        (
            *("Datasets", "DatasetInfo", "Contract", "Field", "contract.FieldType", "contract.Label"),
            *("contract.Category", "contract.Link", "contract.Grouping", "Release", "Quality", "quality.Part"),
        ),
    ),
    Group(
        "sources",
        Words("Receipts and terms", "رسید و شرایط"),
        Words("Where an answer came from, and what its licences ask.", "پاسخ از کجا آمده و مجوزهایش چه می‌خواهند."),
        ("Receipt", "Terms", "Licence"),
    ),
    Group(
        "frames",
        Words("Frames", "جدول‌ها"),
        Words("Rows as tables whose types are the contract's.", "ردیف‌ها به شکل جدول، با نوع‌هایی که قرارداد گفته است."),
        ("Dataset.to_arrow", "Dataset.to_pandas", "Dataset.to_polars", "Dataset.duckdb"),
    ),
    Group(
        "downloads",
        Words("Downloads", "دریافت فایل"),
        Words("A release on disk, never with a wrong byte.", "یک انتشار روی دیسک، بی هیچ بایت نادرست."),
        ("Dataset.download", "downloads.job.Downloaded"),
    ),
    Group(
        "errors",
        Words("Errors and warnings", "خطاها و هشدارها"),
        Words(
            "Catch `GsbError` for all of it, or the one meaning you can act upon.",
            "همه را با `GsbError` بگیرید، یا تنها همان معنایی را که برایش کاری می‌توانید بکنید.",
        ),
        (
            *("GsbError", "ConnectionFailed", "DeadlineExceeded", "OverBudget", "MissingExtra", "IntegrityError"),
            *("SchemaDrift", "ApiError", "InvalidRequest", "Unauthenticated", "NotPermitted", "NotFound", "Conflict"),
            *("QueryTooCostly", "RateLimited", "QuotaExhausted", "ReleaseGone", "ReleaseRecalled", "DatasetWithdrawn"),
            *("Withheld", "Unavailable", "ServerError", "VerificationFailed", "SignatureMissing", "SignatureMalformed"),
            *("UnknownSigner", "AnswerAltered", "AnotherQuestion", "StaleAnswer"),
            *("SchemaDriftWarning", "DatasetDeprecated"),
        ),
    ),
    Group(
        "webhooks",
        Words("Webhooks", "وب‌هوک"),
        Words("Whether a call came from the service.", "آیا فراخوانی از خود سامانه آمده است."),
        ("webhooks.verify", "webhooks.Event"),
    ),
    Group(
        "signatures",
        Words("Signed answers", "پاسخ امضاشده"),
        Words("Whether an answer is what the service said.", "آیا پاسخ همان است که سامانه گفته است."),
        ("verify", "KeySet", "Signed"),
    ),
    Group(
        "publishing",
        Words("Publishing", "انتشار از برنامه"),
        Words(
            "An agency's side: a file validated, released, reviewed, and what the service says of it.",
            "سمت دستگاه: فایلی که سنجیده، منتشر یا بازبینی می‌شود، و آنچه سامانه دربارهٔ آن می‌گوید.",
        ),
        (
            *("Publisher", "Publication", "Submission", "Report", "FileRefused"),
            *("publishing.told.FileError", "publishing.told.FileWarning", "publishing.told.Finding"),
            *("publishing.told.LinkRate", "publishing.told.DeclaredContract"),
        ),
    ),
    Group(
        "testing",
        Words("Testing", "آزمودن برنامه"),
        Words(
            "A service in the process of a test. The fixture `publicgsb` of pytest gives a `MockService` too: "
            "[how it is used](../testing.md).",
            "سامانه‌ای درون خود آزمون. fixture به نام `publicgsb` در pytest هم یک `MockService` می‌دهد: "
            "[راهنمای آن](../testing.md).",
        ),
        (
            *("testing.MockService", "testing.Clock", "testing.Asked", "testing.MockSetup"),
            *("testing.KEY", "testing.URL"),
        ),
    ),
    Group(
        "asyncio",
        Words("In asyncio", "در asyncio"),
        Words(
            "The same names, awaited; what they return is told on the other pages.",
            "همان نام‌ها، با `await`؛ آنچه برمی‌گردانند در صفحه‌های دیگر آمده است.",
        ),
        ("AsyncClient", "AsyncDatasets", "AsyncDataset", "AsyncPublisher"),
    ),
)
