"""Where the parts meet over a data request: whoever left an address is written to, and the agency's people are."""

from collections.abc import Callable, Mapping
from typing import Any

from publicgsb.apikeys.mail import outbox
from publicgsb.apikeys.mail.letters import Letter
from publicgsb.datasets.requests.model import DataRequest, State
from publicgsb.datasets.requests.service import Tell
from publicgsb.platform.kernel.database import Connection

MAILS_PER_DAY = 5  # to one address, which nobody has confirmed; what is beyond is not written

_WORDS = {
    State.RELEASED: ("داده منتشر شده است", "the data have been released"),
    State.PARTLY_RELEASED: ("بخشی از داده منتشر شده است", "a part of the data has been released"),
    State.NOT_HELD: ("دستگاه این داده را ندارد", "the agency says that it holds no such data"),
    State.REFUSED: ("درخواست با مستند قانونی رد شد", "it was refused on a legal ground"),
    State.REFUSED_WITHOUT_GROUND: ("درخواست بدون مستند قانونی رد شد", "it was refused without a legal ground"),
    State.NO_ANSWER: ("در مهلت قانونی پاسخی داده نشد", "there was no answer in the time that the law gives"),
}


def tell_asker(base_url: str) -> Tell:
    """Our own words and an address: what somebody wrote into a request is mailed to nobody."""

    async def tell(connection: Connection, address: str, request: DataRequest, state: State) -> None:
        fa, en = _WORDS[state]
        look = f"{base_url}/api/v1/requests/{request.id}"
        letter = Letter(
            f"Public GSB: {request.id}",
            f"درخواست دادهٔ شمارهٔ {request.id}: {fa}. برای دیدن: {look}\n\n"
            f"Data request {request.id}: {en}. To read it: {look}\n",
        )
        if await outbox.has_room(connection, address, MAILS_PER_DAY):
            await outbox.post(connection, address, letter)

    return tell


def _letter(fa: str, en: str) -> Callable[[Mapping[str, Any]], tuple[str, str]]:
    def written(told: Mapping[str, Any]) -> tuple[str, str]:
        number = told["request"]
        look = f"GET /api/v1/requests/{number}"
        end = f" {told['dueAt']}" if "dueAt" in told else ""
        persian = f"{fa.format(number=number)}{end} برای دیدن: {look}"
        return f"Public GSB: {number}", f"{persian}\n\n{en.format(number=number)}{end} To read it: {look}\n"

    return written


REQUEST_LETTERS: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "request.asked": _letter(
        "درخواست دادهٔ شمارهٔ {number} از دستگاه شما شده است. پایان مهلت پاسخ:",
        "Your agency was asked for data, request {number}. It is to be answered by:",
    ),
    "request.due_soon": _letter(
        "مهلت پاسخ به درخواست دادهٔ شمارهٔ {number} تا دو روز کاری دیگر پایان می‌یابد:",
        "Two working days are left to answer data request {number}. The end:",
    ),
    "request.no_answer": _letter(
        "مهلت پاسخ به درخواست دادهٔ شمارهٔ {number} گذشت و «بدون پاسخ» ثبت شد؛ هنوز می‌توان پاسخ داد.",
        "The time to answer data request {number} is over, and it is told as unanswered; it can still be answered.",
    ),
}
