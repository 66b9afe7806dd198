"""What a part of the schema weighs in the price, in points: kept in `extensions`, printed by costs.py."""

from publicgsb.quotas.prices import RECORDS_PER_POINT

COST = "gsb_cost"  # the key in `extensions` of a type, field, argument or input field
RECORD_WEIGHT = 1 / RECORDS_PER_POINT
