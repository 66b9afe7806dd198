"""Personal data of nobody: values made up at random whose check digits are right, as only a real one's should be."""

import random
from typing import NamedTuple


class Nobody(NamedTuple):
    """A row of identifiers that belong to no one."""

    national_id: str
    mobile: str
    sheba: str
    card: str
    email: str
    born: str


def nobody(chance: random.Random) -> Nobody:
    return Nobody(
        national_id(chance),
        f"0912{_digits(chance, 7)}",
        sheba(chance),
        card(chance),
        f"{''.join(chance.choices('abcdefghijklmnopqrstuvwxyz', k=10))}@gmail.com",
        f"{chance.randrange(1960, 2005)}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
    )


def national_id(chance: random.Random) -> str:
    """Nine digits, weighted from 10 down to 2, and their check modulo 11."""
    nine = _digits(chance, 9)
    remainder = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    return f"{nine}{remainder if remainder < 2 else 11 - remainder}"


def sheba(chance: random.Random) -> str:
    """ISO 13616: country and check digits at the end, the remainder by 97 is 1."""
    account = f"017{_digits(chance, 19)}"
    return f"IR{98 - int(account + '182700') % 97:02d}{account}"


def card(chance: random.Random) -> str:
    """The number of a bank and Luhn's check digit."""
    fifteen = f"603799{_digits(chance, 9)}"
    total = sum(sum(divmod(2 * int(digit), 10)) for digit in fifteen[::2]) + sum(map(int, fifteen[1::2]))
    return f"{fifteen}{-total % 10}"


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices("0123456789", k=count))
