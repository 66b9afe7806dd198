"""Which of a place's names in Arabic script is taken for the Persian one."""

import pytest

from publicgsb.platform.server.demo.persian import persian_name


@pytest.mark.parametrize(
    ("latin", "country", "names", "chosen"),
    [
        ("Tehran", "IR", ["تهران", "تهرون", "تِهران", "تہران", "طهران"], "تهران"),
        ("Kashan", "IR", ["كاشان"], "کاشان"),
        ("Golestān", "IR", ["شهرك گلستان", "گلستان"], "گلستان"),
        ("Nahāvand", "IR", ["Nihavand", "نهاوند"], "نهاوند"),
        ("Paris", "FR", ["باريس", "پارىژ", "پاريس", "پاریس"], "پاریس"),
        ("London", "GB", ["لأندأن", "لندن", "لوندون", "لەندەن"], "لندن"),
        ("Lagos", "NG", ["لاغوس", "لاگوس"], "لاگوس"),
        ("Jonesboro", "US", ["جانزبورو، ایندیانا"], "جانزبورو"),
        ("Cairo", "EG", ["القاهرة", "قاہرہ"], ""),
        ("Dongguan", "CN", ["دونغقوان"], ""),
        ("Soldeu", "AD", ["Сольдеу", "סולדאו"], ""),
        ("Vila", "AD", [], ""),
    ],
)
def test_the_persian_name_is_chosen_by_letters_and_sound(
    latin: str, country: str, names: list[str], chosen: str
) -> None:
    assert persian_name(latin, country, names) == chosen


def test_the_order_of_the_names_does_not_matter_where_one_sounds_better() -> None:
    names = ["اراک", "ساوه"]
    assert persian_name("Arāk", "IR", names) == persian_name("Arāk", "IR", names[::-1]) == "اراک"
