"""`--help` in Persian: every text of a command or option by its English, which stands where it is declared.

A test holds that none is missing and that options, numbers and names stay.
"""

import inspect
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import click

from publicgsb_sdk.cli.words import LOCALE

Told = click.Command | click.Option
HELP_NAMES = ["-h", "--help"]

PERSIAN: Mapping[str, str] = MappingProxyType(
    {
        "Show this message and exit.": "همین راهنما.",
        "Show the version and exit.": "شمارهٔ نسخه.",
        "Open government data of many agencies, by one key.": "دادهٔ باز دستگاه‌های بسیار، با یک کلید.",
        "Data go to stdout, all else to stderr. docs/pgsb.md tells the numbers that commands end with.": (
            "داده به stdout می‌رود و هر چیز دیگر به stderr. ‎docs/pgsb.md می‌گوید هر فرمان با چه عددی پایان می‌یابد."
        ),
        "Register, and store the key and the owner token, which are shown to nobody.": (
            "ثبت‌نام، و نگه داشتن کلید و نشان مالک؛ به هیچ‌کس نشان داده نمی‌شوند."
        ),
        "The key works at once. A code comes by mail; `pgsb register --confirm` takes it, which is needed to declare a"
        " use and to invite people.": (
            "کلید بی‌درنگ کار می‌کند. کدی با رایانامه می‌آید که ‎`pgsb register --confirm` آن را می‌گیرد؛ برای اعلام کاربرد"
            " و دعوت دیگران لازم است."
        ),
        "Of the organisation, or yours.": "نام سازمان، یا نام خودتان.",
        "Where somebody can be reached.": "رایانامه‌ای که کسی می‌خواند.",
        "What the data are for.": "داده برای چه کاری است.",
        "A person needs no legal id.": "شخص شناسهٔ ملی حقوقی نمی‌خواهد.",
        "The national legal id of an organisation; 11 digits of any script.": "شناسهٔ ملی سازمان؛ 11 رقم با هر خطی.",
        "Type the code of the mail (or give it on stdin).": "کد رایانامه را تایپ کنید (یا از stdin بدهید).",
        "Register although there is a key for this service already.": "ثبت‌نام، هرچند برای این سامانه کلیدی هست.",
        "Say what would be done, and do nothing.": "بگو چه می‌شد، و کاری نکن.",
        "How data are written: table on a terminal, ndjson in a pipe.": "شکل داده: در پایانه table و در لوله ndjson.",
        "The service; PGSB_URL or the last login's without it.": "نشانی سامانه؛ بی آن، PGSB_URL یا نشانی آخرین ورود.",
        "The language of messages; PGSB_LOCALE, or English, without it.": "زبان پیام‌ها؛ بی آن، PGSB_LOCALE یا انگلیسی.",
        "Log in, log out, and see which key is used and whether it works.": (
            "ورود و خروج، و این‌که کدام کلید به کار می‌رود و آیا کار می‌کند."
        ),
        "Store a key, an agency key or an owner token: typed without being shown, or from stdin.": (
            "نگه داشتن کلید، کلید دستگاه یا نشان مالک: تایپ می‌شود و دیده نمی‌شود، یا از stdin می‌آید."
        ),
        "It is never an argument, which other users of the machine could read. The service is asked whose it is before"
        " it is stored, in the system's keyring if there is one, else in a file that only you may read.": (
            "هرگز پارامتر فرمان نیست، چون دیگر کاربران دستگاه آن را می‌بینند. پیش از نگه داشتن از سامانه پرسیده می‌شود از"
            " آن کیست؛ جایش جاکلیدی سیستم است، و اگر نباشد فایلی که تنها شما می‌خوانید."
        ),
        "Which credentials there are, from where, which of them are used, and what the service says of those.": (
            "چه اعتبارهایی هست، از کجا، کدامشان به کار می‌رود و سامانه دربارهٔ آن‌ها چه می‌گوید."
        ),
        "Forget what is stored for this service. The keys go on working for whoever has them: pgsb key revoke ends"
        " one.": (
            "کنار گذاشتن آنچه برای این سامانه نگه داشته شده. کلیدها برای هر که دارد کار می‌کنند؛ ‎pgsb key revoke به یکی"
            " پایان می‌دهد."
        ),
        "Only this one.": "تنها همین یکی.",
        "Find datasets, and see what they hold.": "یافتن مجموعه‌داده‌ها و دیدن آنچه دارند.",
        "Every dataset, whatever its access. Needs no key.": "همهٔ مجموعه‌داده‌ها با هر دسترسی. کلید نمی‌خواهد.",
        "Only those of one agency.": "تنها از آن یک دستگاه.",
        "Datasets in whose names, titles, descriptions or fields every word occurs, in any spelling. Needs no key.": (
            "مجموعه‌داده‌هایی که همهٔ واژه‌ها، با هر نگارشی، در نام، عنوان، شرح یا فیلدشان هست. کلید نمی‌خواهد."
        ),
        "All that the catalogue says of one: rows, freshness, licence, source, quality, files.": (
            "هر چه فهرست دربارهٔ یکی می‌گوید: ردیف‌ها، تازگی، پروانه، منبع، کیفیت، فایل‌ها."
        ),
        "Needs no key but for --sample.": "تنها برای ‎--sample کلید می‌خواهد.",
        "Show so many of its rows too; they cost points.": "این تعداد ردیف را هم نشان بده؛ امتیاز می‌برد.",
        "Its fields with types, units and filters; with -o json the whole contract. Needs no key.": (
            "فیلدها با نوع، یکا و فیلترهایشان؛ با ‎-o json همهٔ قرارداد. کلید نمی‌خواهد."
        ),
        "Every release that can still be read, newest first.": "همهٔ انتشارهایی که هنوز خوانده می‌شوند، تازه‌ترین نخست.",
        "Records that were added, removed and changed between two releases, to the end.": (
            "رکوردهایی که میان دو انتشار افزوده، برداشته یا دگرگون شده‌اند، تا پایان."
        ),
        "A table shows what differs in a line, everything else both records whole. --dry-run says what the first page"
        " costs.": (
            "جدول تنها تفاوت‌ها را نشان می‌دهد و شکل‌های دیگر هر دو رکورد را کامل. ‎--dry-run بهای نخستین صفحه را می‌گوید."
        ),
        "The release to compare with: its number, or a day at whose end (UTC) it was current: 2026-01-31, or Jalali"
        " 1404-11-11.": (
            "انتشاری که با آن سنجیده می‌شود: شماره‌اش، یا روزی که در پایان آن (UTC) جاری بوده: 2026-01-31، یا جلالی"
            " 1404-11-11."
        ),
        "What is compared with it; the current one without.": "آنچه با آن سنجیده می‌شود؛ بی آن، انتشار جاری.",
        "Only records that match before or after, as in row list.": (
            "تنها رکوردهایی که پیش یا پس از آن با شرط بخوانند، مانند row list."
        ),
        "At most so many changes; all without it.": "دست بالا این تعداد تغییر؛ بی آن، همه.",
        "Read records.": "خواندن رکوردها.",
        "Records of DATASET, written as they come, a page in memory at a time.": (
            "رکوردهای DATASET، همین‌که می‌رسند نوشته می‌شوند؛ در حافظه تنها یک صفحه است."
        ),
        "--dry-run says what the first page would cost.": "‎--dry-run بهای نخستین صفحه را می‌گوید.",
        "field=value, or >= <= > < ~= (contains) ^= (begins with), or field:in=a,b": (
            "‎field=value یا ‎>= <= > < یا ‎~= (در میانش هست) یا ‎^= (با آن آغاز می‌شود) یا ‎field:in=a,b"
        ),
        "Fields, parted by commas; of linked records country.name_fa.": (
            "فیلدها، جداشده با ویرگول؛ از رکوردهای پیوندخورده ‎country.name_fa"
        ),
        "A declared order: name, or -name for the reverse.": "ترتیبی که اعلام شده: name، یا وارونهٔ آن ‎-name",
        "At most so many; a table shows 50 without it.": "دست بالا این تعداد؛ بی آن، جدول 50 ردیف نشان می‌دهد.",
        "To the end in a table too; everywhere else that is so anyway.": "جدول هم تا پایان؛ شکل‌های دیگر همیشه چنین‌اند.",
        "Of this release instead of the current one: its number, or a day at whose end (UTC) it was current:"
        " 2026-01-31, or Jalali 1404-11-11.": (
            "از این انتشار به جای انتشار جاری: شماره‌اش، یا روزی که در پایان آن (UTC) جاری بوده: 2026-01-31، یا جلالی"
            " 1404-11-11."
        ),
        "Run the GraphQL of FILE (- is stdin).": "اجرای GraphQL درون FILE (‎- یعنی stdin).",
        "As JSON the whole answer is written, with its cost and receipt; as table or CSV the one list that it holds. A"
        " part that is missing is told on stderr, and the command does not end with 0.": (
            "به شکل JSON همهٔ پاسخ با بها و رسیدش نوشته می‌شود و به شکل جدول یا CSV همان یک فهرستی که دارد. بخشی که نیست"
            " در stderr گفته می‌شود و آنگاه فرمان با 0 پایان نمی‌یابد."
        ),
        "name=value, or name:=json.": "‎name=value یا ‎name:=json",
        "Which of several operations of the document.": "کدام یک از چند عملیات سند.",
        "Have the answer signed, and keep it in this new folder.": "پاسخ امضا شود و در این پوشهٔ تازه بماند.",
        "What the GraphQL of FILE would cost, in points; asking runs nothing. Without FILE: the list of prices.": (
            "بهای GraphQL درون FILE به امتیاز؛ چیزی اجرا نمی‌شود. بی FILE: فهرست بها."
        ),
        "A release of DATASET as files. Open datasets need no key.": (
            "یک انتشار DATASET به شکل فایل. دادهٔ باز کلید نمی‌خواهد."
        ),
        "Goes on where it stopped, checks every byte, and does nothing for a file that is there already.": (
            "از همان‌جا که مانده ادامه می‌دهد، هر بایت را می‌سنجد و با فایلی که هست کاری ندارد."
        ),
        "Of the files.": "قالب فایل‌ها.",
        "Its number.": "شمارهٔ آن.",
        "The file; or a folder, which has to be there or end with /, for files under their names.": (
            "فایل؛ یا پوشه‌ای که هست یا با / پایان می‌یابد، برای فایل‌ها با نام خودشان."
        ),
        "Replace a file that holds something else.": "جایگزینی فایلی که چیز دیگری دارد.",
        "Check the answer that `pgsb query --keep FOLDER` kept, with a key set that was saved before. Needs no"
        " network.": (
            "سنجیدن پاسخی که ‎`pgsb query --keep FOLDER` نگه داشته، با کلیدهایی که پیش‌تر ذخیره شده. شبکه نمی‌خواهد."
        ),
        "A changed byte, another question, another key or a stale answer ends with 8.": (
            "بایت دگرگون، پرسشی دیگر، کلیدی دیگر یا پاسخ کهنه با 8 پایان می‌یابد."
        ),
        "The key set that you saved.": "کلیدهایی که ذخیره کرده‌اید.",
        "In seconds; any age without it.": "به ثانیه؛ بی آن، با هر عمری.",
        "Save the service's key set in this new file, and stop.": "کلیدهای سامانه در این فایل تازه ذخیره شود، و پایان.",
        "Typed modules of each DATASET; without any, of those that the folder has modules of.": (
            "ماژول‌های نوع‌دار هر DATASET؛ بی آن، از هر کدام که پوشه ماژولش را دارد."
        ),
        "With --check it is a gate for your CI: what moved is on stdout, as a diff.": (
            "با ‎--check دروازه‌ای برای CI شماست: آنچه دگرگون شده به شکل diff در stdout می‌آید."
        ),
        "The folder.": "پوشه.",
        "Write nothing; end with 9 where a contract has moved.": "چیزی ننویس؛ اگر قراردادی دگرگون شده با 9 پایان یاب.",
        "What is left of every policy of your plan. Free.": "آنچه از هر بخش سهمیه مانده است. رایگان.",
        "What your organisation used, exactly, up to a second or two ago. Free.": (
            "مصرف دقیق سازمان شما تا یکی دو ثانیه پیش. رایگان."
        ),
        "The first day, in UTC; of this month.": "نخستین روز، به وقت UTC؛ بی آن، آغاز این ماه.",
        "The last day, in UTC.": "واپسین روز، به وقت UTC.",
        "What to sum by; several make finer rows. Dataset without it.": (
            "جمع بر پایهٔ چه باشد؛ چندتا ردیف‌ها را ریزتر می‌کند. بی آن، بر پایهٔ مجموعه‌داده."
        ),
        "One sum of all.": "یک جمع از همه.",
        "See, make, replace and end keys. Needs the owner token of your registration.": (
            "دیدن، ساختن، عوض کردن و پایان دادن کلیدها. نشان مالکی را که با ثبت‌نام آمده می‌خواهد."
        ),
        "Every key of the organisation, ended ones too.": "همهٔ کلیدهای سازمان، پایان‌یافته‌ها هم.",
        "A new key. Say where its secret goes: --save or --to.": "کلید تازه. بگویید راز آن کجا برود: ‎--save یا ‎--to",
        "What it is for.": "برای چیست.",
        "A test key reads open data, on an account of its own.": "کلید آزمایشی دادهٔ باز می‌خواند و حسابش جداست.",
        "The application's number; the first one without.": "شمارهٔ برنامه؛ بی آن، نخستین.",
        "How long it works; 365 without.": "چند روز کار می‌کند؛ بی آن، 365.",
        "Hold it to this dataset, agency/dataset; may be repeated.": (
            "محدود به این مجموعه‌داده، ‎agency/dataset؛ چند بار هم می‌شود."
        ),
        "Hold it to fields of this level; may be repeated.": "محدود به فیلدهای این سطح؛ چند بار هم می‌شود.",
        "Hold it to this network; may be repeated.": "محدود به این شبکه؛ چند بار هم می‌شود.",
        "Store the new key and use it from now on.": "کلید تازه نگه داشته شود و از این پس به کار رود.",
        "Write it to this new file of mode 0600; - is a pipe.": "در این فایل تازه با دسترسی 0600؛ ‎- یعنی لوله.",
        "A successor for KEY_ID, held to the same; the old one works for a while more. Say where the secret goes.": (
            "جانشینی برای KEY_ID با همان محدودیت‌ها؛ کلید پیشین چندی دیگر کار می‌کند. بگویید راز کجا برود."
        ),
        "How long the old secret works on; 24 without.": "کلید پیشین چند ساعت دیگر کار می‌کند؛ بی آن، 24.",
        "End KEY_ID for good. Answers when no worker accepts it any more.": (
            "پایان همیشگی KEY_ID. هنگامی پاسخ می‌دهد که دیگر هیچ کارگری آن را نمی‌پذیرد."
        ),
        "Kept in the audit.": "در دفتر رویدادها می‌ماند.",
        "Do not ask.": "نپرس.",
        "Hand in files of your agency, have them reviewed, take them back.": (
            "سپردن فایل‌های دستگاه شما، بازبینی و پس گرفتن آن‌ها."
        ),
        "Have a contract proposed for FILE: YAML to be edited, with what each proposal rests on. The file is not"
        " kept.": ("قراردادی برای FILE پیشنهاد می‌شود: YAML برای ویرایش، با دلیل هر پیشنهاد. فایل نگه داشته نمی‌شود."),
        "Write it to this new file.": "در این فایل تازه نوشته شود.",
        "How long to wait for it.": "چند ثانیه صبر شود.",
        "The newest declared contract as JSON, to be edited; in effect or not. Its hash goes to stderr.": (
            "تازه‌ترین قرارداد اعلام‌شده به شکل JSON برای ویرایش؛ چه جاری باشد چه نه. چکیده‌اش به stderr می‌رود."
        ),
        "What CONTRACT would change for callers, and whom it would hurt; nothing is changed.": (
            "قرارداد CONTRACT برای کاربران چه را دگرگون می‌کند و به که آسیب می‌زند؛ چیزی تغییر نمی‌کند."
        ),
        "Without CONTRACT: what the one that was declared last would break.": (
            "بی CONTRACT: آخرین قرارداد اعلام‌شده چه را می‌شکند."
        ),
        "Declare CONTRACT. Where a colleague declared another in the meantime nothing is changed, and it ends with"
        " 10.": (
            "اعلام CONTRACT. اگر همکاری در این میان قرارداد دیگری اعلام کرده باشد چیزی تغییر نمی‌کند و با 10 پایان"
            " می‌یابد."
        ),
        "The hash of the contract that you edited, from publish contract; of a new dataset none.": (
            "چکیدهٔ قراردادی که ویرایش کرده‌اید، از ‎publish contract؛ برای مجموعه‌دادهٔ تازه هیچ."
        ),
        "Have the service check every row of FILE and its privacy gate judge it; nothing is handed in.": (
            "سامانه هر ردیف FILE را می‌سنجد و دروازهٔ حریم خصوصی داوری می‌کند؛ چیزی سپرده نمی‌شود."
        ),
        "A file that is refused ends with 3.": "فایلی که پذیرفته نشود با 3 پایان می‌یابد.",
        "By this contract, which need not be declared.": "با این قرارداد، که لازم نیست اعلام شده باشد.",
        "full: the file is everything.": "‎full: فایل همهٔ داده است.",
        "Hand FILE in for review; or submit the draft of this id.": (
            "سپردن FILE برای بازبینی؛ یا پیش‌نویسی که این شناسه را دارد."
        ),
        "The day that the rows describe, 2026-11-01.": "روزی که ردیف‌ها وصفش می‌کنند، 2026-11-01.",
        "Not before this moment: 2026-12-24T08:00:00+03:30.": "نه پیش از این لحظه: ‎2026-12-24T08:00:00+03:30.",
        "Keep the file and check nothing yet; submit it by its id later.": (
            "فایل بماند و هنوز سنجیده نشود؛ بعدها با شناسه‌اش سپرده می‌شود."
        ),
        "Another one hands the same file in once more.": "با متنی دیگر همان فایل بار دیگر سپرده می‌شود.",
        "Wait until it was checked, and show the report.": "صبر کن تا سنجیده شود، و گزارش را نشان بده.",
        "Release FILE at once, where your agency has nothing reviewed; else it becomes a submission.": (
            "انتشار بی‌درنگ FILE، اگر دستگاه شما بازبینی نمی‌خواهد؛ وگرنه پیشنهاد انتشار می‌شود."
        ),
        "What waits; or, with its id, what a reviewer sees of one SUBMISSION.": (
            "آنچه در انتظار است؛ یا با شناسه، آنچه بازبین از یک SUBMISSION می‌بیند."
        ),
        "Only those in this state; may be repeated.": "تنها آن‌ها که این وضع را دارند؛ چند بار هم می‌شود.",
        "Write the page for paper to this file.": "صفحهٔ چاپی در این فایل نوشته شود.",
        "Approve a submission: exactly this file, contract and gate. It is published at once, or after its embargo.": (
            "تأیید یک پیشنهاد انتشار: درست همین فایل، قرارداد و دروازه. بی‌درنگ یا پس از مهلت منع منتشر می‌شود."
        ),
        "Of the file that you looked at; without it that of the review you are shown.": (
            "چکیدهٔ فایلی که دیده‌اید؛ بی آن، چکیدهٔ همان بازبینی که نشان داده می‌شود."
        ),
        "Send a submission back with a reason; a corrected file is a new one.": (
            "بازگرداندن پیشنهاد انتشار با دلیل؛ فایل درست‌شده پیشنهادی تازه است."
        ),
        "For whoever handed it in.": "برای کسی که آن را سپرده است.",
        "Take back a submission that is not published; or a whole dataset, which then answers nothing any more.": (
            "پس گرفتن پیشنهادی که منتشر نشده؛ یا همهٔ یک مجموعه‌داده، که دیگر پاسخی نمی‌دهد."
        ),
        "For a submission.": "برای پیشنهاد انتشار.",
        "For a dataset, shown to everybody.": "برای مجموعه‌داده؛ همه می‌بینند.",
        "What is new in it, in Persian; shown to everybody.": "آنچه در آن تازه است، به فارسی؛ همه می‌بینند.",
        "What is new in it, in English.": "آنچه در آن تازه است، به انگلیسی.",
        "For a dataset: its code.": "برای مجموعه‌داده: کد مستند قانونی.",
        'The script for a shell: eval "$(pgsb completion bash)" in its start file.': (
            'اسکریپت یک پوسته: ‎eval "$(pgsb completion bash)"‎ در فایل آغازش.'
        ),
    }
)


HEADINGS: Mapping[str, str] = MappingProxyType({"Usage": "شیوهٔ نوشتن", "Options": "گزینه‌ها", "Commands": "فرمان‌ها"})


class Formatter(click.HelpFormatter):
    """click's page with Persian headings. How a command is written stands in a line of its own, left to right."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        if LOCALE.get() != "fa":
            super().write_usage(prog, args, prefix)
            return
        self.write_heading("Usage")
        with self.indentation():
            super().write_usage(prog, args, prefix="")

    def write_heading(self, heading: str) -> None:
        super().write_heading(HEADINGS.get(heading, heading) if LOCALE.get() == "fa" else heading)


class Speaking(click.Context):
    """Of every command: its help and usage are in the language of the command."""

    formatter_class = Formatter


@contextmanager
def told_in_language(main: click.Command) -> Generator[None]:
    """In this block help is in the language of the command."""
    english = [(one, one.help) for one in _told(main)] if LOCALE.get() == "fa" else []
    for one, text in english:
        one.help = in_persian(text)
    try:
        yield
    finally:
        for one, text in english:
            one.help = text


def in_persian(text: str | None) -> str | None:
    """Paragraph by paragraph; as it is what has no Persian."""
    return text and "\n\n".join(PERSIAN.get(one, one) for one in paragraphs(text))


def paragraphs(text: str) -> list[str]:
    """Each in one line."""
    return [" ".join(one.split()) for one in inspect.cleandoc(text).split("\n\n")]


def _told(command: click.Command) -> Iterator[Told]:
    yield command
    yield from (
        one
        for one in command.get_params(click.Context(command, help_option_names=HELP_NAMES))
        if isinstance(one, click.Option)
    )
    if isinstance(command, click.Group):
        for one in command.commands.values():
            yield from _told(one)
