"""ISO 3166-2 codes for GeoNames' first-level divisions, where the demo needs them: Iran and the United States.

GeoNames numbers Iran's provinces in its own way. This table was found by voting: the cities of each GeoNames
province looked up by Persian name in the list of the Ministry of Interior; all 31 came out one to one.
"""

_IRAN = {
    "01": "04", "03": "14", "04": "11", "05": "17", "07": "07", "08": "01", "09": "13", "10": "16", "11": "22",
    "13": "05", "15": "06", "16": "12", "22": "18", "23": "15", "25": "20", "26": "23", "28": "10", "29": "08",
    "32": "24", "33": "03", "34": "00", "35": "02", "36": "19", "37": "27", "38": "26", "39": "25", "40": "21",
    "41": "29", "42": "09", "43": "28", "44": "30",
}  # fmt: skip


def subdivision_code(country: str, admin1: str) -> str:
    """The ISO 3166-2 code of GeoNames' division, e.g. IR-23; "" where it is not known."""
    if country == "IR" and admin1 in _IRAN:
        return f"IR-{_IRAN[admin1]}"
    return f"US-{admin1}" if country == "US" and admin1 else ""
