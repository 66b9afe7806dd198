"""E-mail and IP addresses in one column of text, whole cells or within running text."""

import re
from collections.abc import Sequence
from zlib import crc32

from publicgsb.datasets.contracts.model import Field
from publicgsb.datasets.privacy.detectors import is_ip, is_personal_mail
from publicgsb.datasets.privacy.model import Form, Kind
from publicgsb.datasets.privacy.pack import Pack
from publicgsb.datasets.privacy.tally import Tally

_INVISIBLE = re.compile("[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24}")
_IP4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_IP6 = re.compile(r"(?<![0-9A-Za-z:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![0-9A-Za-z:])")
_DOTS, _COLONS = 3, 7


class AddressGate:
    """Sees the values of one column, in any order, repeated or not."""

    def __init__(self, field: Field, pack: Pack) -> None:
        self.tallies: dict[Form, Tally] = {Form.EMAIL: Tally(), Form.IP: Tally()}
        self.in_text: set[Form] = set()
        self._is_called_ip = pack.is_called(Kind.IP, field)

    def observe(self, values: Sequence[str]) -> None:
        """A character, and how often it comes, tell whether a pattern has to be tried at all."""
        text = "\n".join(values)
        if "@" in text:
            self._mails(_INVISIBLE.sub("", "\n".join(value for value in values if "@" in value)))
        if "." in text:
            dotted = [value for value in values if value.count(".") >= _DOTS]
            self._take(Form.IP, _IP4.findall("\n".join(dotted)))
        if ":" in text:
            colons = [value for value in values if "::" in value or value.count(":") >= _COLONS]
            self._take(Form.IP, [found for found in _IP6.findall("\n".join(colons)) if is_ip(found)])

    def _mails(self, text: str) -> None:
        keys, fitting = [], []
        for found in _MAIL.finditer(text):
            address = found[0].lower()
            key = _key(address)
            keys.append(key)
            if is_personal_mail(address):
                fitting.append(key)
                if not _fills_cell(text, found.start(), found.end()):
                    self.in_text.add(Form.EMAIL)
        self.tallies[Form.EMAIL].add_all(keys, fitting)

    def _take(self, form: Form, found: Sequence[str]) -> None:
        if found:
            fitting = [one for one in found if is_ip(one) or (self._is_called_ip and _is_dotted(one))]
            self.tallies[form].add_all([_key(one) for one in found], [_key(one) for one in fitting])


def _is_dotted(text: str) -> bool:
    return all(int(part) < 256 for part in text.split(".")) if ":" not in text else False


def _fills_cell(text: str, start: int, end: int) -> bool:
    return (start == 0 or text[start - 1] == "\n") and (end == len(text) or text[end] == "\n")


def _key(address: str) -> int:
    """Counting wants a number; two addresses share one about once in four milliards."""
    return crc32(address.encode()) << 8 | len(address) & 0xFF
