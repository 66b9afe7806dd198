"""The files of releases: where they lie, what this process knows of them, and how their addresses are signed."""

import hashlib
import hmac
from dataclasses import dataclass

from publicgsb.datasets.exports.known import MadeFiles
from publicgsb.datasets.exports.objects import Objects, open_objects
from publicgsb.datasets.exports.signing import Signer
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.secrets import Secrets
from publicgsb.platform.server.settings import Settings


@dataclass(frozen=True, slots=True)
class Files:
    """Of a worker."""

    objects: Objects
    made: MadeFiles
    signer: Signer


def files(settings: Settings, secrets: Secrets, control: Connections) -> Files:
    return Files(
        objects_of(settings),
        MadeFiles(control),
        Signer(hmac.digest(secrets.pepper, b"file addresses", hashlib.sha256)),
    )


def objects_of(settings: Settings) -> Objects:
    return open_objects(settings.object_store_url, settings.state_dir)
