"""The largest answer (GSB_RESPONSE_BYTES_MAX): the database measured it, and nothing of a larger one came here."""

from publicgsb.platform.kernel.errors import QueryTooCostly
from publicgsb.schema.serving.kept import Records


def check_size(records: Records, bytes_max: int, points: int) -> None:
    """Raises QueryTooCostly. `points` are not given back: the rows were read, and would be read again."""
    size = records.size
    if size > bytes_max:
        raise QueryTooCostly(
            f"The answer would have {size:,} bytes; at most {bytes_max:,} are sent.",
            hint="Ask for smaller pages (`first`) or fewer fields, and read on with cursors.",
            reason="response_bytes",
            bytes=size,
            limit=bytes_max,
            points=points,
        )
