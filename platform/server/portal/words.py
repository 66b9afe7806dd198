"""Every sentence of the front page, once in each language."""

from dataclasses import dataclass

from publicgsb.datasets.contracts.model import AccessLevel, Label


@dataclass(frozen=True, slots=True)
class Words:
    lang: str
    direction: str
    title: str
    tagline: str
    other_language: str
    datasets_heading: str
    summary: str  # {agencies}, {datasets}, {rows}
    nothing_yet: str
    dataset: str
    rows: str
    fresh: str
    release_number: str  # {number}
    licence: str
    get: str
    source: str
    links: str
    arrow: str
    contract: str
    not_released: str
    withdrawn: str
    deprecated: str  # {day}
    instead: str  # {name}, after a reason
    key_heading: str
    key_text: str
    key_next: str
    query_heading: str
    query_text: str
    query_explore: str
    query_curl: str
    more_heading: str
    catalogue: str
    schema: str
    pricing: str
    requests: str
    changelog: str
    explore: str
    operator: str
    sample_note: str

    def pick(self, label: Label) -> str:
        return label.fa if self.lang == "fa" else label.en

    def access(self, level: AccessLevel) -> str:
        return self.pick(_ACCESS[level])


_ACCESS = {
    AccessLevel.OPEN: Label("آزاد", "open"),
    AccessLevel.REGISTERED: Label("با کلید", "needs a key"),
    AccessLevel.RESTRICTED: Label("با مجوز", "needs a grant"),
    AccessLevel.WITHHELD: Label("منتشر نمی‌شود", "withheld"),
}

FA = Words(
    lang="fa",
    direction="rtl",
    title="درگاه دادهٔ همگانی (Public GSB)",
    tagline="دستگاه‌ها داده منتشر می‌کنند؛ شما با یک کلید و یک پرس‌وجو، دادهٔ چند دستگاه را کنار هم می‌گذارید.",
    other_language="English below",
    datasets_heading="چه منتشر شده است",
    summary="{agencies} دستگاه، {datasets} مجموعه‌داده، {rows} رکورد.",
    nothing_yet="هنوز چیزی منتشر نشده است. راه انتشار: gsb dataset release",
    dataset="مجموعه‌داده",
    rows="رکورد",
    fresh="انتشار",
    release_number="شمارهٔ {number}",
    licence="پروانه",
    get="دریافت",
    source="منبع",
    links="پیوندها",
    arrow="←",
    contract="قرارداد",
    not_released="هنوز منتشر نشده",
    withdrawn="پس گرفته شده",
    deprecated="تا {day} پاسخ داده می‌شود",
    instead="؛ جانشین: {name}",
    key_heading="گرفتن کلید",
    key_text="یک بار نام بنویسید؛ کلید همان دم می‌آید و تنها یک بار نشان داده می‌شود.",
    key_next="کلید پاسخ را در متغیر بگذارید:",
    query_heading="یک پرس‌وجو برای آغاز",
    query_text="با آنچه هم‌اکنون منتشر است کار می‌کند:",
    query_explore="در همین مرورگر:",
    query_curl="همان، آمادهٔ چسباندن در پایانه:",
    more_heading="باقی راه",
    catalogue="فهرست همهٔ مجموعه‌داده‌ها (JSON)",
    schema="طرح‌وارهٔ GraphQL",
    pricing="بها و طرح‌ها",
    requests="درخواست‌های داده و پاسخ دستگاه‌ها",
    changelog="دگرگونی‌های طرح‌واره",
    explore="کاوشگر: پرس‌وجو در همین مرورگر",
    operator="گردانندهٔ این درگاه:",
    sample_note="دستگاه‌های «نمونه» دستگاه واقعی به آن نام نیستند؛ منبع راستین هر داده کنار آن نوشته شده است.",
)

EN = Words(
    lang="en",
    direction="ltr",
    title="Public GSB",
    tagline="Agencies release data; with one key and one query you combine what several of them have released.",
    other_language="فارسی در بالا",
    datasets_heading="What is released",
    summary="{agencies} agencies, {datasets} datasets, {rows} records.",
    nothing_yet="Nothing is released yet. The way to do it: gsb dataset release",
    dataset="Dataset",
    rows="Records",
    fresh="Released",
    release_number="No. {number}",
    licence="Licence",
    get="Get it",
    source="Source",
    links="Links",
    arrow="→",
    contract="contract",
    not_released="not released yet",
    withdrawn="withdrawn",
    deprecated="answered until {day}",
    instead="; use {name} instead",
    key_heading="Get a key",
    key_text="Register once; the key comes with the answer and is shown only then.",
    key_next="Put the key of the answer into a variable:",
    query_heading="A query to begin with",
    query_text="It works with what is released at this moment:",
    query_explore="In this browser:",
    query_curl="The same, ready to paste into a terminal:",
    more_heading="Further",
    catalogue="Catalogue of every dataset (JSON)",
    schema="GraphQL schema",
    pricing="Prices and plans",
    requests="Data requests, and what agencies answered",
    changelog="Changes of the schema",
    explore="Explorer: ask from this browser",
    operator="Whoever runs this service:",
    sample_note='An agency called "Sample" is not the real body of that name; each dataset names its true source.',
)
