"""What schemathesis may write for our own scalars: right values, odd ones and wrong ones. Loaded by the tool itself.

Of releases only the one that there is: another is NOT_FOUND beside null, which the tool takes for a failure of ours.
"""

from hypothesis import strategies as st
from hypothesis_graphql import nodes
from schemathesis import graphql

_TEXTS = {
    "Date": ("2026-01-01", "1938-01-01", "9999-12-31", "2026-02-30", ""),
    "DateTime": ("2026-01-01T06:00:00Z", "2026-01-01T06:00:00.123456+03:30", "2026-01-01", "x"),
    "Decimal": ("10.50", "-0", "99999999999999.99", "1e400", "NaN"),
    "BigInt": ("1", "-9223372036854775808", "9223372036854775808", "1.5"),
    "Release": ("latest", "newest"),
}
_NUMBERS = {"Decimal": (0, 10), "BigInt": (0, 2**31), "Release": (1, 0, -1)}

for _name, _texts in _TEXTS.items():
    graphql.scalar(
        _name,
        st.sampled_from(_texts).map(nodes.String) | st.sampled_from(_NUMBERS.get(_name, (0,))).map(nodes.Int),
    )
