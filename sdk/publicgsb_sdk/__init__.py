"""Public GSB in Python: one client, datasets as immutable queries, typed errors.

`from publicgsb_sdk import Client`, or `AsyncClient`, is all that most programs need; the rest is for type hints and
`except`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from publicgsb_sdk.account import Account, Limit, Usage
from publicgsb_sdk.answers import Cost, Licence, Receipt, Result, Terms
from publicgsb_sdk.budget import Budget
from publicgsb_sdk.catalogue import DatasetInfo
from publicgsb_sdk.contract import Contract, Field, Release
from publicgsb_sdk.errors import (
    AnotherQuestion,
    AnswerAltered,
    ApiError,
    Conflict,
    ConnectionFailed,
    DatasetDeprecated,
    DatasetWithdrawn,
    DeadlineExceeded,
    FileRefused,
    GsbError,
    IntegrityError,
    InvalidRequest,
    MissingExtra,
    NotFound,
    NotPermitted,
    OverBudget,
    QueryTooCostly,
    QuotaExhausted,
    RateLimited,
    ReleaseGone,
    ReleaseRecalled,
    SchemaDrift,
    SchemaDriftWarning,
    ServerError,
    SignatureMalformed,
    SignatureMissing,
    StaleAnswer,
    Unauthenticated,
    Unavailable,
    UnknownSigner,
    VerificationFailed,
    Withheld,
)
from publicgsb_sdk.last import Response
from publicgsb_sdk.query import Page
from publicgsb_sdk.token import Token
from publicgsb_sdk.version import __version__

if TYPE_CHECKING:
    from publicgsb_sdk.asynchronous.client import AsyncClient
    from publicgsb_sdk.asynchronous.dataset import AsyncDataset
    from publicgsb_sdk.asynchronous.datasets import AsyncDatasets
    from publicgsb_sdk.asynchronous.publisher import AsyncPublisher
    from publicgsb_sdk.calendar import jalali
    from publicgsb_sdk.changes import Change
    from publicgsb_sdk.client import Client
    from publicgsb_sdk.dataset import Dataset
    from publicgsb_sdk.datasets import Datasets
    from publicgsb_sdk.expressions import Condition, F
    from publicgsb_sdk.persian import fold
    from publicgsb_sdk.publisher import Publisher
    from publicgsb_sdk.publishing.told import Publication, Report, Submission
    from publicgsb_sdk.quality import Quality
    from publicgsb_sdk.signatures import KeySet, Signed, verify

__all__ = [
    "Account",
    "AnotherQuestion",
    "AnswerAltered",
    "ApiError",
    "AsyncClient",
    "AsyncDataset",
    "AsyncDatasets",
    "AsyncPublisher",
    "Budget",
    "Change",
    "Client",
    "Condition",
    "Conflict",
    "ConnectionFailed",
    "Contract",
    "Cost",
    "Dataset",
    "DatasetDeprecated",
    "DatasetInfo",
    "DatasetWithdrawn",
    "Datasets",
    "DeadlineExceeded",
    "F",
    "Field",
    "FileRefused",
    "GsbError",
    "IntegrityError",
    "InvalidRequest",
    "KeySet",
    "Licence",
    "Limit",
    "MissingExtra",
    "NotFound",
    "NotPermitted",
    "OverBudget",
    "Page",
    "Publication",
    "Publisher",
    "Quality",
    "QueryTooCostly",
    "QuotaExhausted",
    "RateLimited",
    "Receipt",
    "Release",
    "ReleaseGone",
    "ReleaseRecalled",
    "Report",
    "Response",
    "Result",
    "SchemaDrift",
    "SchemaDriftWarning",
    "ServerError",
    "SignatureMalformed",
    "SignatureMissing",
    "Signed",
    "StaleAnswer",
    "Submission",
    "Terms",
    "Token",
    "Unauthenticated",
    "Unavailable",
    "UnknownSigner",
    "Usage",
    "VerificationFailed",
    "Withheld",
    "__version__",
    "fold",
    "jalali",
    "verify",
]


_LATER = {
    "AsyncClient": "asynchronous.client",
    "AsyncDataset": "asynchronous.dataset",
    "AsyncDatasets": "asynchronous.datasets",
    "AsyncPublisher": "asynchronous.publisher",
    "Change": "changes",
    "Client": "client",
    "Condition": "expressions",
    "Dataset": "dataset",
    "Datasets": "datasets",
    "F": "expressions",
    "KeySet": "signatures",
    "Publication": "publishing.told",
    "Publisher": "publisher",
    "Quality": "quality",
    "Report": "publishing.told",
    "Signed": "signatures",
    "Submission": "publishing.told",
    "fold": "persian",
    "jalali": "calendar",
    "verify": "signatures",
}


def __getattr__(name: str) -> Any:
    """What not every program needs is loaded when it is first named: of the two clients one at most."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    return found
