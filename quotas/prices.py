"""What an operation costs, in one table: the price page shows what the planner charges by."""

from dataclasses import dataclass

POINTS_PER_REQUEST = 1
RECORDS_PER_POINT = 100
VALUES_PER_POINT = 1_000  # of the catalogue
POINTS_PER_CONTAINS = 5
POINTS_PER_SEARCH = 10
POINTS_PER_EXACT_COUNT = 5  # each, under a filter or below another record
POINTS_PER_ESTIMATE = 1  # likewise
COUNTS_PER_POINT = 10  # likewise, of those that stop at 10,000; ten begun are ten
POINTS_PER_AGGREGATE = 10
POINTS_PER_CHANGES = 10
POINTS_PER_NEAR = 5
TIED_ROWS_PER_POINT = 2_000  # of a link dataset, looked at by a shortcut; read off an index and not shown
POINTS_PER_NEW_OPERATION = 5


@dataclass(frozen=True, slots=True)
class Price:
    """One line of the price page: `points` for each `per`, in words of both languages."""

    name: str
    points: int
    per_en: str
    per_fa: str


PRICES: tuple[Price, ...] = (
    Price("request", POINTS_PER_REQUEST, "request, also one answered 304 or refused by validation",
          "هر درخواست، حتی پاسخ ۳۰۴ یا رد شده در اعتبارسنجی"),
    Price("records", 1, f"{RECORDS_PER_POINT} records reserved (parents × first), all levels together",
          "هر ۱۰۰ رکورد رزرو شده (تعداد والدها × first)، همهٔ سطح‌ها با هم"),
    Price("search", POINTS_PER_SEARCH, "`search` for words", "هر «search» برای یافتن واژه‌ها"),
    Price("contains", POINTS_PER_CONTAINS, "`contains`, or exact count under a filter",
          "هر «contains» یا شمارش دقیق با فیلتر"),
    Price("count", 1, f"{COUNTS_PER_POINT} counts or fewer that stop at 10,000, or one estimated count, under a filter "
          "or below another record",
          "هر ۱۰ شمارش یا کمتر تا سقف ۱۰٬۰۰۰ یا یک شمارش تخمینی، با فیلتر یا زیر رکوردی دیگر"),
    Price("aggregate", POINTS_PER_AGGREGATE, "aggregate, and column of it whose different values are counted",
          "هر تجمیع، و هر ستون آن که مقدارهای متمایزش شمرده می‌شود"),
    Price("changes", POINTS_PER_CHANGES, "change feed, and again for its totals",
          "هر فهرست تغییرها، و یک بار دیگر برای شمارشان"),
    Price("near", POINTS_PER_NEAR, "list around a place", "هر فهرستِ اطراف یک نقطه"),
    Price("catalogue", 1, f"{VALUES_PER_POINT:,} values of the catalogue (`datasets`, `agencies`, …)",
          "هر ۱٬۰۰۰ مقدار از فهرست داده‌ها (`datasets`، `agencies`، …)"),
    Price("shortcut", 1, f"{TIED_ROWS_PER_POINT:,} rows or fewer of a link dataset that a shortcut may look at",
          "هر ۲٬۰۰۰ ردیف یا کمتر از دادهٔ پیونددهنده که یک میان‌بر ممکن است ببیند"),
    Price("newOperation", POINTS_PER_NEW_OPERATION, "document that was never seen before",
          "هر سند پرس‌وجو که پیش‌تر دیده نشده است"),
)  # fmt: skip
