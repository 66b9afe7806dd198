"""The inner parts of the library that commands stand on, by one door: where they lie is said here alone."""

from publicgsb_sdk.call import Call
from publicgsb_sdk.deadline import Times
from publicgsb_sdk.downloads.job import Progress, chosen, download
from publicgsb_sdk.downloads.line import Line
from publicgsb_sdk.downloads.listing import Listing
from publicgsb_sdk.envelope import is_safe
from publicgsb_sdk.manifest import FilePart, Manifest, read_manifest
from publicgsb_sdk.publisher import Mode
from publicgsb_sdk.publishing.sent import dataset_path, one, with_query
from publicgsb_sdk.publishing.told import Report
from publicgsb_sdk.query import PAGE_ROWS, Page, dataset_id, wire_release
from publicgsb_sdk.retry import Rule
from publicgsb_sdk.transport import Transport

__all__ = [
    "PAGE_ROWS",
    "Call",
    "FilePart",
    "Line",
    "Listing",
    "Manifest",
    "Mode",
    "Page",
    "Progress",
    "Report",
    "Rule",
    "Times",
    "Transport",
    "chosen",
    "dataset_id",
    "dataset_path",
    "download",
    "is_safe",
    "one",
    "read_manifest",
    "wire_release",
    "with_query",
]
