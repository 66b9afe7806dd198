"""From contracts to GraphQL type names: ASCII, stable, and carrying the agency."""

from publicgsb.datasets.contracts.names import pascal_case


def record_type_name(agency: str, record_name: str, major: int) -> str:
    """`AviationAirport`; a later major of a contract lives beside it as `AviationAirportV2`."""
    return f"{pascal_case(agency)}{record_name}{major_suffix(major)}"


def major_suffix(major: int) -> str:
    return f"V{major}" if major > 1 else ""
