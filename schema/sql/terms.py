"""On which terms an answer over several datasets may be used: the union of theirs, so that nobody has to compute it."""

import json
from collections.abc import Iterable
from typing import Any

from publicgsb.datasets.contracts.model import Contract


def combined_terms(contracts: Iterable[Contract]) -> dict[str, Any] | None:
    """Each licence and each attribution once, in the order of the receipt; None for one dataset, whose receipt says it.

    `shareAlike` names the licences that pass on to whatever is made of the answer. Several of them ask for different
    things of one work: that is for the user to settle with the agencies, and told by there being several.
    """
    found = list(contracts)
    if len({contract.slug for contract in found}) < 2:
        return None
    licences = {(one.licence.name, one.licence.title): one.licence for one in found}
    attributions = dict.fromkeys(one.attribution or one.licence.attribution for one in found)
    share_alike = [licence.name for licence in licences.values() if licence.is_share_alike]
    return {
        "licences": [
            {
                "name": licence.name,
                "title": licence.title,
                "url": licence.url,
                "text": licence.text,
                "isShareAlike": licence.is_share_alike,
            }
            for licence in licences.values()
        ],
        "attributions": [whom for whom in attributions if whom],
        "shareAlike": share_alike,
        "isShareAlike": bool(share_alike),
    }


def as_member(terms: dict[str, Any] | None) -> bytes:
    """`,"terms":{…}` to stand behind another member, or nothing."""
    if terms is None:
        return b""
    return b',"terms":' + json.dumps(terms, ensure_ascii=False, separators=(",", ":")).encode()
