"""From contracts to GraphQL type names, ASCII, stable, carrying the agency, and to descriptions in both languages."""

from publicgsb.datasets.contracts.model import Label
from publicgsb.datasets.contracts.names import major_suffix, pascal_case


def record_type_name(agency: str, record_name: str, major: int) -> str:
    """`AviationAirport`; a later major of a contract lives beside it as `AviationAirportV2`."""
    return f"{pascal_case(agency)}{record_name}{major_suffix(major)}"


def describe(label: Label, more: str = "") -> str:
    """Persian and English travel together in descriptions; names stay ASCII."""
    return " / ".join(part for part in (label.en, label.fa) if part) + (f"\n{more}" if more else "")
