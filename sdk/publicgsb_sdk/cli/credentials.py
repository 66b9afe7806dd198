"""Keys and tokens of this machine's user: from the environment, the system's keyring, or one file of mode 0600.

Nothing here is ever shown: `redacted` says enough to tell one key from another.
"""

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from publicgsb_sdk.errors import GsbError, Unauthenticated

SERVICE = "pgsb"
Value = TypeVar("Value")


class Kind(StrEnum):
    """What a credential is for; the value is its member in the file."""

    KEY = "key"
    AGENCY = "agencyKey"
    OWNER = "ownerToken"


NAMES: Mapping[Kind, str] = {Kind.KEY: "data key", Kind.AGENCY: "agency key", Kind.OWNER: "owner token"}
VARIABLES: Mapping[Kind, str] = {
    Kind.KEY: "PGSB_API_KEY",
    Kind.AGENCY: "PGSB_AGENCY_KEY",
    Kind.OWNER: "PGSB_OWNER_TOKEN",
}


class Keyring(Protocol):
    """What of the package `keyring` is used."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


class Guarded:
    """A keyring of the system, whose failures (it is locked, its daemon is away) are told like all others."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def get_password(self, service: str, username: str) -> str | None:
        return _guarded(lambda: self._keyring.get_password(service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        _guarded(lambda: self._keyring.set_password(service, username, password))

    def delete_password(self, service: str, username: str) -> None:
        _guarded(lambda: self._keyring.delete_password(service, username))


@dataclass(frozen=True, slots=True)
class Credential:
    """One credential and where it was found."""

    kind: Kind
    text: str = field(repr=False)
    source: str


class FileIsOpen(GsbError):
    """Others on this machine may read the file of credentials, so nothing in it is used."""


class Credentials:
    """Looked up in this order: the environment, the keyring, the file. The first one counts."""

    def __init__(self, environment: Mapping[str, str], path: Path, keyring: Keyring | None) -> None:
        self._environment = environment
        self.path = path
        self._keyring = keyring

    def find(self, kind: Kind, url: str) -> Credential | None:
        """The one that is used."""
        return next(self.all(kind, url), None)

    def required(self, kind: Kind, url: str) -> Credential:
        """The one that is used, or what to do about there being none."""
        found = self.find(kind, url)
        if found is None:
            raise Unauthenticated(
                f"There is no {NAMES[kind]} for {url}.",
                hint=f"pgsb auth login stores one; {VARIABLES[kind]} gives one for a moment.",
                details={"reason": "missing"},
            )
        return found

    def all(self, kind: Kind, url: str) -> Iterator[Credential]:
        """Every one that is there, the one that is used first."""
        for variable in VARIABLES.values():
            given = self._environment.get(variable, "").strip()
            if given and _kind_in(variable, given) is kind:
                yield Credential(kind, given, f"environment variable {variable}")
        if self._keyring and (kept := self._keyring.get_password(SERVICE, _name(kind, url))):
            yield Credential(kind, kept, "keyring")
        if written := self._read()["services"].get(url, {}).get(kind.value):
            yield Credential(kind, written, str(self.path))

    def default_url(self) -> str | None:
        """The service that was last logged in to."""
        found = self._read().get("default")
        return found if isinstance(found, str) else None

    def prepare(self) -> None:
        """Fails now if a secret could not be kept later: one that is shown once must not be lost."""
        self._write(self._read())

    def keep(self, kind: Kind, url: str, text: str) -> str:
        """Store one and make its service the default; where it went."""
        document = self._read()
        document["default"] = url
        members = document["services"].setdefault(url, {})
        members.pop(kind.value, None)
        if self._keyring:
            self._keyring.set_password(SERVICE, _name(kind, url), text)
            self._write(document)
            return "keyring"
        members[kind.value] = text
        self._write(document)
        return str(self.path)

    def forget(self, kind: Kind, url: str, *, dry_run: bool = False) -> list[str]:
        """Remove it wherever it is stored; from where it was, or would be, removed."""
        gone: list[str] = []
        if self._keyring and self._keyring.get_password(SERVICE, _name(kind, url)):
            if not dry_run:
                self._keyring.delete_password(SERVICE, _name(kind, url))
            gone.append("keyring")
        document = self._read()
        members = document["services"].get(url, {})
        if members.pop(kind.value, None):
            if not dry_run:
                self._write(document)
            gone.append(str(self.path))
        return gone

    def _read(self) -> dict[str, Any]:
        try:
            with self.path.open(encoding="utf-8") as file:
                _refuse_open(self.path, os.fstat(file.fileno()).st_mode)
                document = json.load(file)
        except FileNotFoundError:
            return {"services": {}}
        except (ValueError, OSError) as error:
            raise GsbError(
                f"{self.path} cannot be read ({type(error).__name__}).", hint="Remove it, then: pgsb auth login"
            ) from None
        if not _is_ours(document):
            raise GsbError(f"{self.path} is not what pgsb wrote.", hint="Remove it, then: pgsb auth login")
        return dict(document)

    def _write(self, document: Mapping[str, Any]) -> None:
        """Nobody sees half a file, and nobody else sees any of it."""
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(document, file, indent=2)
            temporary.replace(self.path)
        except OSError as error:
            raise GsbError(f"{self.path} cannot be written: {error.strerror}.") from None
        finally:
            temporary.unlink(missing_ok=True)


def credentials() -> Credentials:
    """Those of whoever runs this."""
    return Credentials(os.environ, _path(os.environ), system_keyring())


def system_keyring() -> Keyring | None:
    """The keyring of the system, if the package is installed, a real one is behind it, and it is not switched off."""
    if os.environ.get("PGSB_KEYRING") == "off":
        return None
    with suppress(Exception):  # a keyring that cannot even be asked is none; it must not take the command down
        found: Any = import_module("keyring")  # by name: it is loaded by commands that need it, and may be missing
        if found.get_keyring().priority >= 1:
            return Guarded(found)
    return None


def _guarded(work: Callable[[], Value]) -> Value:
    try:
        return work()
    except Exception as error:  # each backend has its own
        raise GsbError(
            f"The keyring did not answer ({type(error).__name__}).",
            hint="Unlock it, or set PGSB_KEYRING=off, which keeps keys in a file.",
        ) from None


def redacted(text: str) -> str:
    """`gsbl_8h2KdX0q…`: the public part of a key. Of a token nothing but its length."""
    if text.startswith("gsb") and len(text) > 13:
        return f"{text[:13]}…"
    return f"a token of {len(text)} characters"


def _is_ours(document: Any) -> bool:
    services: Any = cast(dict[str, Any], document).get("services") if isinstance(document, dict) else None
    return isinstance(services, dict) and all(isinstance(one, dict) for one in cast(dict[str, Any], services).values())


def _path(environment: Mapping[str, str]) -> Path:
    base = environment.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "pgsb" / "credentials.json"


def _kind_in(variable: str, text: str) -> Kind:
    """PGSB_API_KEY may hold an agency's key too, which its first letters say."""
    if variable == VARIABLES[Kind.KEY] and text.startswith("gsba_"):
        return Kind.AGENCY
    return next(kind for kind in Kind if VARIABLES[kind] == variable)


def _name(kind: Kind, url: str) -> str:
    return f"{kind.value} {url}"


def _refuse_open(path: Path, mode: int) -> None:
    if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
        raise FileIsOpen(
            f"Others on this machine may read {path} (mode {stat.S_IMODE(mode):04o}), so it is not used.",
            hint=f"chmod 600 {path}; if somebody may have read it: pgsb key rotate",
        )
