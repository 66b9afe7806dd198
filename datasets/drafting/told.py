"""A draft in JSON: the proposed contract, and the counts that it rests on."""

from typing import Any

from publicgsb.datasets.drafting.document import chosen_links, contract_document
from publicgsb.datasets.drafting.model import Draft


def draft_json(drafted: Draft, agency: str, dataset: str) -> dict[str, Any]:
    chosen = chosen_links(drafted)
    return {
        "file": drafted.found.as_json(),
        "rows": drafted.rows,
        "contract": contract_document(drafted, agency, dataset),
        "keys": [list(key) for key in drafted.keys],
        "links": [
            {
                "column": link.column,
                "to": f"{link.agency}/{link.dataset}",
                "toField": link.field,
                "distinct": link.distinct,
                "matched": link.matched,
                "zeroPad": link.pad,
                "matchedWithoutPad": link.matched_unpadded,
                "isProposed": chosen.get(link.column) is link,
            }
            for link in drafted.links
        ],
    }
