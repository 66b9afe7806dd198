"""The closed list of licences, so that a combined answer can say exactly what it obliges to."""

from publicgsb.datasets.contracts.model import Licence
from publicgsb.datasets.contracts.node import Node, nearest

_CREATIVE = "https://creativecommons.org"
# name: (title, url, share-alike)
KNOWN: dict[str, tuple[str, str, bool]] = {
    "CC0-1.0": ("CC0 1.0 Universal", f"{_CREATIVE}/publicdomain/zero/1.0/", False),
    "CC-BY-3.0": ("Creative Commons Attribution 3.0", f"{_CREATIVE}/licenses/by/3.0/", False),
    "CC-BY-4.0": ("Creative Commons Attribution 4.0", f"{_CREATIVE}/licenses/by/4.0/", False),
    "CC-BY-SA-4.0": ("Creative Commons Attribution-ShareAlike 4.0", f"{_CREATIVE}/licenses/by-sa/4.0/", True),
    "ODbL-1.0": ("Open Database License 1.0", "https://opendatacommons.org/licenses/odbl/1-0/", True),
    "ODC-By-1.0": (
        "Open Data Commons Attribution 1.0",
        "https://opendatacommons.org/licenses/by/1-0/",
        False,
    ),
    "PDDL-1.0": ("Public Domain Dedication 1.0", "https://opendatacommons.org/licenses/pddl/1-0/", False),
    "Licence-Ouverte-2.0": (
        "Licence Ouverte 2.0",
        "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
        False,
    ),
    "OGL-UK-3.0": (
        "Open Government Licence 3.0",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        False,
    ),
    "MIT": ("MIT License", "https://opensource.org/license/mit", False),
    "IR-FOI-public": ("Public information under Iran's 1388 law on access to information", "", False),
}
OTHER = "other"


def read_licence(contract: Node, attribution: str) -> Licence | None:
    """`licence: CC0-1.0`, or an object with name "other", title, text and optionally url and shareAlike."""
    value = contract.raw("licence")
    if isinstance(value, dict):
        return _other(contract, attribution)
    name = contract.text("licence", required=True)
    if name is None:
        return None
    if name not in KNOWN:
        contract.expected(
            "licence",
            f"one of {', '.join(KNOWN)}, or {{name: other, title, text}}",
            f"یکی از {', '.join(KNOWN)} یا {{name: other, title, text}}",
            nearest(name, list(KNOWN)),
        )
        return None
    title, url, is_share_alike = KNOWN[name]
    return Licence(name, title, url or None, None, is_share_alike, attribution)


def _other(contract: Node, attribution: str) -> Licence | None:
    node = contract.node("licence")
    assert node is not None
    name, title, text = node.text("name", required=True), node.text("title", required=True), node.text("text")
    url, is_share_alike = node.text("url"), node.flag("shareAlike")
    node.refuse_unknown()
    if name != OTHER:
        node.expected("name", '"other" when written as an object', "«other»", "A known licence is written by its name.")
    if text is None:
        node.expected("text", "the terms in words", "متن شرایط", "Say in a sentence what a user may do.")
    if not (title and text and name == OTHER):
        return None
    return Licence(OTHER, title, url, text, is_share_alike, attribution)
