"""The inner parts of the library that commands stand on, by one door: where they lie is said here alone."""

from publicgsb_sdk.call import Call
from publicgsb_sdk.deadline import Times
from publicgsb_sdk.envelope import is_safe
from publicgsb_sdk.query import PAGE_ROWS, Page, dataset_id
from publicgsb_sdk.retry import Rule
from publicgsb_sdk.transport import Transport

__all__ = ["PAGE_ROWS", "Call", "Page", "Rule", "Times", "Transport", "dataset_id", "is_safe"]
