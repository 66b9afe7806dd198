"""The inner parts of the library that commands stand on, by one door: where they lie is said here alone."""

from publicgsb_sdk.dataset import PAGE_ROWS, Page, dataset_id
from publicgsb_sdk.retry import Rule
from publicgsb_sdk.session import is_safe
from publicgsb_sdk.transport import Call, Times, Transport

__all__ = ["PAGE_ROWS", "Call", "Page", "Rule", "Times", "Transport", "dataset_id", "is_safe"]
