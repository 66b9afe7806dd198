"""Whether an agency has its releases reviewed before they are published, and who stands in for its reviewers."""

from collections.abc import Mapping

from publicgsb.datasets.reviews.model import Review
from publicgsb.platform.kernel.audit import record
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.kernel.errors import NotFound
from publicgsb.platform.kernel.sql import load

_ALL = load("publicgsb.datasets.agencies", "sql/agency_reviews.sql")
_SET = load("publicgsb.datasets.agencies", "sql/agency_review.sql")


async def reviews_of(connections: Connections) -> Mapping[str, tuple[Review, int | None]]:
    """By agency: whether its releases are reviewed, and its deputy's number."""
    async with connections.use() as connection:
        rows = await connection.fetch(_ALL)
    return {row["slug"]: (Review(row["review"]), row["deputy_id"]) for row in rows}


async def set_review(
    connections: Connections, slug: str, review: Review, actor: str, *, deputy_id: int | None = None
) -> None:
    """From the next upload on; what was handed in before goes its way. NotFound for an agency or person unknown to it.

    The deputy may decide on what the reviewers have been reminded of; never on their own submission.
    """
    async with connections.transaction() as connection:
        before = await connection.fetchrow(_SET, slug, review.value, deputy_id)
        if before is None:
            raise NotFound(
                f"There is no agency {slug}, or the deputy is none of its people.",
                hint=f"`gsb agency list` and `gsb agency people {slug}` show them.",
            )
        await record(
            connection,
            actor,
            "agency.set_review",
            f"agency:{slug}",
            before={"review": before["review"], "deputy": before["deputy_id"]},
            after={"review": review.value, "deputy": deputy_id},
        )
