"""What the data endpoint stands on."""

from collections.abc import Callable
from dataclasses import dataclass, field

from publicgsb.apikeys.keyring import KeyRing
from publicgsb.apikeys.signing.ring import SigningRing
from publicgsb.datasets.demand.counting import Demand
from publicgsb.platform.kernel.database import Connections
from publicgsb.quotas.facts import Facts
from publicgsb.quotas.purse import Purses
from publicgsb.schema.planning.limits import RESPONSE_BYTES_MAX
from publicgsb.schema.serving.admission import Admission, unlimited
from publicgsb.schema.serving.persisted import PersistedDocuments
from publicgsb.schema.serving.profile import HttpProfile
from publicgsb.schema.serving.world import Worlds
from publicgsb.schema.types.ports import Account


@dataclass(frozen=True, slots=True)
class Parts:
    worlds: Worlds
    keys: KeyRing
    purses: Purses
    facts: Facts
    demand: Demand
    account: Account
    reader: Connections  # may SELECT released tables and nothing else
    control: Connections
    documents: PersistedDocuments
    metrics: Callable[[int, float], None]  # status and seconds of each answer
    cursor_secret: bytes
    tag_secret: bytes
    signing: SigningRing | None = None  # None: answers are not signed
    profile: HttpProfile = HttpProfile.AUDITED
    request_seconds: float = 5.0
    kept_bytes_max: int = 0  # 0: no answer is kept
    gzip_bytes_min: int = 0  # 0: nothing is compressed
    response_bytes_max: int = RESPONSE_BYTES_MAX
    admission: Admission = field(default_factory=unlimited)
    trusted_proxies: int = 0  # in front of this worker, which say where a request comes from
