"""Public GSB in Python: one client, datasets as immutable queries, typed errors.

`from publicgsb_sdk import Client` is all that most programs need; the rest is for type hints and `except`.
"""

from publicgsb_sdk.account import Account, Limit
from publicgsb_sdk.answers import Cost, Licence, Receipt, Result, Terms
from publicgsb_sdk.catalogue import DatasetInfo
from publicgsb_sdk.client import Client
from publicgsb_sdk.contract import Contract
from publicgsb_sdk.dataset import Dataset, Page
from publicgsb_sdk.errors import (
    AnotherQuestion,
    AnswerAltered,
    ApiError,
    Conflict,
    ConnectionFailed,
    DatasetDeprecated,
    DatasetWithdrawn,
    DeadlineExceeded,
    GsbError,
    IntegrityError,
    InvalidRequest,
    MissingExtra,
    NotFound,
    NotPermitted,
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
from publicgsb_sdk.persian import fold
from publicgsb_sdk.signatures import KeySet, Signed, verify
from publicgsb_sdk.token import Token
from publicgsb_sdk.version import __version__

__all__ = [
    "Account",
    "AnotherQuestion",
    "AnswerAltered",
    "ApiError",
    "Client",
    "Conflict",
    "ConnectionFailed",
    "Contract",
    "Cost",
    "Dataset",
    "DatasetDeprecated",
    "DatasetInfo",
    "DatasetWithdrawn",
    "DeadlineExceeded",
    "GsbError",
    "IntegrityError",
    "InvalidRequest",
    "KeySet",
    "Licence",
    "Limit",
    "MissingExtra",
    "NotFound",
    "NotPermitted",
    "Page",
    "QueryTooCostly",
    "QuotaExhausted",
    "RateLimited",
    "Receipt",
    "ReleaseGone",
    "ReleaseRecalled",
    "Result",
    "SchemaDrift",
    "SchemaDriftWarning",
    "ServerError",
    "SignatureMalformed",
    "SignatureMissing",
    "Signed",
    "StaleAnswer",
    "Terms",
    "Token",
    "Unauthenticated",
    "Unavailable",
    "UnknownSigner",
    "VerificationFailed",
    "Withheld",
    "__version__",
    "fold",
    "verify",
]
