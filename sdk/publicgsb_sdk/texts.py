"""What errors say in Persian. What the service or this package said in English stays with it, as `said`."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TypeVar

from publicgsb_sdk import errors
from publicgsb_sdk.errors import GsbError

Error = TypeVar("Error", bound=GsbError)

PERSIAN: Mapping[type[GsbError], tuple[str, str]] = MappingProxyType(
    {
        errors.InvalidRequest: ("درخواست به این شکل فهمیده نمی‌شود.", "آن را درست کنید؛ تکرارش فایده‌ای ندارد."),
        errors.Unauthenticated: (
            "سامانه نمی‌داند چه کسی می‌پرسد.",
            "کلید را کامل و دوباره کپی کنید یا کلید تازه‌ای بسازید.",
        ),
        errors.NotPermitted: ("این کلید چنین اجازه‌ای ندارد.", "ببینید کلید برای چه داده‌هایی ساخته شده است."),
        errors.NotFound: ("چنین چیزی نیست، یا برای این کلید پیدا نیست.", "نام را بررسی کنید؛ فهرست داده‌ها کمک می‌کند."),
        errors.Conflict: ("درخواست با وضع کنونی سازگار نیست.", "وضع کنونی را دوباره بخوانید."),
        errors.QueryTooCostly: (
            "پرسش از آنچه یک درخواست می‌تواند باشد بزرگ‌تر است.",
            "کمتر بپرسید یا پرسش را چند بخش کنید.",
        ),
        errors.RateLimited: ("در زمانی کوتاه زیاد پرسیده شد.", "پس از retry_after ثانیه دوباره بپرسید."),
        errors.QuotaExhausted: ("امتیازهای این دوره تمام شده است.", "تا resets_at چیزی تغییر نمی‌کند؛ تکرار نکنید."),
        errors.ReleaseGone: ("زمان نگهداری این نسخهٔ داده گذشته است.", "از نسخهٔ کنونی آغاز کنید."),
        errors.ReleaseRecalled: ("این نسخهٔ داده پس گرفته شده است.", "آنچه از آن دارید پاک کنید."),
        errors.DatasetWithdrawn: ("دستگاه این داده را برداشته است.", "فهرست داده‌ها دلیل و جانشین آن را می‌گوید."),
        errors.Withheld: ("دستگاه این داده را با استناد قانونی منتشر نمی‌کند.", "فهرست داده‌ها استناد آن را می‌گوید."),
        errors.Unavailable: ("بخشی از سامانه اکنون در دسترس نیست.", "کمی بعد دوباره بپرسید."),
        errors.ServerError: ("در سمت دیگر خطایی رخ داد.", "اگر تکرار شد، شناسهٔ درخواست را به گردانندهٔ سامانه بدهید."),
        errors.ConnectionFailed: ("پاسخی از سامانه نیامد.", "نشانی، شبکه و پروکسی را بررسی کنید."),
        errors.DeadlineExceeded: ("مهلت این درخواست با همهٔ تکرارها گذشت.", "deadline را بیشتر کنید یا کمتر بپرسید."),
        errors.OverBudget: ("درخواست بعدی ممکن است از بودجه بیشتر شود.", "بودجه را بیشتر کنید یا کمتر بپرسید."),
        errors.MissingExtra: ("بسته‌ای که لازم است نصب نیست.", "فرمان نصب در ادامه آمده است."),
        errors.IntegrityError: ("فایل دو بار با بایت‌هایی دیگر رسید.", "ببینید چه چیزی در راه آن را تغییر می‌دهد."),
        errors.FileRefused: ("این پرونده به این صورت منتشر نمی‌شود.", "گزارش آن (report) ردیف به ردیف می‌گوید چرا."),
        errors.SchemaDrift: ("قرارداد داده از زمان ساخت این نوع‌ها تغییر کرده است.", "آن‌ها را دوباره بسازید."),
        errors.SignatureMissing: ("پاسخ امضا ندارد.", "به آن تکیه نکنید."),
        errors.SignatureMalformed: ("این امضای یک پاسخ نیست.", "به آن تکیه نکنید."),
        errors.UnknownSigner: ("کلید این امضا میان کلیدهای شما نیست.", "کلیدهای تازهٔ سامانه را بگیرید."),
        errors.AnswerAltered: ("پاسخ پس از امضا تغییر کرده است.", "به آن تکیه نکنید."),
        errors.AnotherQuestion: ("این پاسخ از آنِ پرسش دیگری است.", "به آن تکیه نکنید."),
        errors.StaleAnswer: ("پاسخ کهنه‌تر از آن است که پذیرفته‌اید.", "دوباره بپرسید."),
    }
)
RESTRICTED = (
    "این داده محدود است و کلید شما مجوز آن را ندارد.",
    "با نشان مالک درخواست مجوز بدهید (POST /api/v1/grants)؛ دستگاه تصمیم می‌گیرد.",
)


def tell(error: Error, locale: str) -> Error:
    """The same error, speaking that language. Told twice it says the same."""
    known = _persian(error) if locale == "fa" else None
    if known is not None and error.said is None:
        error.said = " ".join(filter(None, (error.message, error.hint)))
        error.message, error.hint = known
    return error


def _persian(error: GsbError) -> tuple[str, str] | None:
    """A key that lacks a grant is as good as any other: what helps is to apply."""
    if isinstance(error, errors.NotPermitted) and error.details.get("reason") == "restricted":
        return RESTRICTED
    return PERSIAN.get(type(error))


@contextmanager
def told_in(locale: str) -> Generator[None]:
    """Errors that leave the block speak that language."""
    try:
        yield
    except GsbError as error:
        tell(error, locale)
        raise
