"""The legal grounds on which something may be refused, as the law lists them: codes, because words hide more easily.

The articles of the law on access to information are told here; those on personal data are the privacy gate's, by its
rule pack, so that both speak of the same.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.privacy.pack import load_pack
from publicgsb.platform.kernel.errors import InvalidRequest

_LAW_FA = "قانون انتشار و دسترسی آزاد به اطلاعات (۱۳۸۷)"
_LAW_EN = "Law on publication of and free access to information"
_ARTICLES = {
    "IR-FOI-13": Label(f"{_LAW_FA}، مادهٔ ۱۳: اسرار دولتی", f"{_LAW_EN} (1387), article 13: state secrets"),
    "IR-FOI-14": Label(f"{_LAW_FA}، مادهٔ ۱۴: حریم خصوصی", f"{_LAW_EN} (1387), article 14: privacy"),
    "IR-FOI-15": Label(
        f"{_LAW_FA}، مادهٔ ۱۵: حریم خصوصی و اطلاعات شخصی", f"{_LAW_EN} (1387), article 15: privacy of others"
    ),
    "IR-FOI-16": Label(f"{_LAW_FA}، مادهٔ ۱۶: سلامتی و اطلاعات تجاری", f"{_LAW_EN} (1387), article 16: health, trade"),
    "IR-FOI-17": Label(
        f"{_LAW_FA}، مادهٔ ۱۷: امنیت، جرم، مالیات و نظارت", f"{_LAW_EN} (1387), article 17: security, crime, taxes"
    ),
}
# Articles that say what is not personal bar nothing.
_NO_GROUNDS = frozenset({"IR-PD-5.1", "IR-PD-5.2", "IR-PD-5.4"})


@cache
def grounds() -> Mapping[str, Label]:
    """Code → what it says."""
    personal = {code: words for code, words in load_pack().articles.items() if code not in _NO_GROUNDS}
    return MappingProxyType(personal | _ARTICLES)


def check_ground(code: str) -> str:
    """Raises InvalidRequest for what is no ground of the list; `confidential` is none."""
    if code not in grounds():
        raise InvalidRequest(
            "That is not a legal ground that the law knows.",
            reason="legal_ground",
            hint=f"One of {', '.join(sorted(grounds()))}; without one the request counts as refused without ground.",
        )
    return code
