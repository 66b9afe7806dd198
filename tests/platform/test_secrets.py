"""Pepper and signing key: made once, private, and never made up for a database that others share."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from publicgsb.apikeys.peppers import Peppers
from publicgsb.platform.kernel.errors import Conflict
from publicgsb.platform.server.secrets import load_secrets, peppers_as_file, peppers_of_file
from publicgsb.platform.server.settings import Settings, load_settings


@pytest.fixture
def embedded(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("DATABASE_URL", "REDIS_URL", "PEPPER", "SIGNING_KEY_FILE", "DEMO"):
        monkeypatch.delenv(f"GSB_{name}", raising=False)
    return load_settings(state_dir=state_dir)


def test_secrets_are_made_once_and_only_we_may_read_them(embedded: Settings) -> None:
    first = load_secrets(embedded)
    assert load_secrets(embedded) == first
    assert len(first.pepper) >= 32
    for name in ("pepper", "signing_key.pem"):
        assert (embedded.state_dir / name).stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_agree(embedded: Settings) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: load_secrets(embedded), range(8)))
    assert len({(one.pepper, one.signing_key_pem) for one in found}) == 1
    assert sorted(path.name for path in embedded.state_dir.iterdir()) == ["pepper", "signing_key.pem"]


def test_no_pepper_is_made_up_for_a_shared_database(embedded: Settings) -> None:
    shared = embedded.model_copy(update={"database_url": SecretStr("postgresql://db/x")})
    with pytest.raises(Conflict, match="no pepper"):
        load_secrets(shared)
    assert load_secrets(shared.model_copy(update={"demo": True})).pepper


def test_a_signing_key_of_another_kind_is_refused(embedded: Settings) -> None:
    (embedded.state_dir / "signing_key.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")
    with pytest.raises(Conflict, match="Ed25519"):
        load_secrets(embedded)


def test_secrets_hide_themselves(embedded: Settings) -> None:
    assert repr(load_secrets(embedded)) == "Secrets()"


def test_peppers_have_numbers_and_the_present_one_is_that_of_the_settings(embedded: Settings) -> None:
    changed = {
        "pepper": SecretStr("the new pepper " * 3),
        "pepper_version": 2,
        "other_peppers": SecretStr(json.dumps({"1": "the old pepper " * 3})),
    }
    peppers = load_secrets(embedded.model_copy(update=changed)).peppers
    assert (peppers.version, peppers.present) == (2, b"the new pepper " * 3)
    assert [peppers.find(version) for version in (1, 2, 3)] == [b"the old pepper " * 3, peppers.present, None]


@pytest.mark.parametrize(
    "peppers",
    [
        Peppers(1, b"a pepper alone, as it was ever written"),
        Peppers(1, b"{ a pepper that begins like another file"),
        Peppers(2, b"the new pepper of thirty-two bytes", {1: b"the old pepper of thirty-two bytes"}),
    ],
)
def test_what_a_backup_keeps_of_the_peppers_is_what_was_known(embedded: Settings, peppers: Peppers) -> None:
    assert peppers_of_file(peppers_as_file(peppers), 1) == peppers
    (embedded.state_dir / "pepper").write_bytes(peppers_as_file(peppers))
    assert load_secrets(embedded).peppers == peppers


@pytest.mark.parametrize("content", [b"{", b"{}", b'{"version": 1, "peppers": {}}', b'{"version": 1, "peppers": []}'])
def test_a_damaged_file_of_peppers_is_refused(content: bytes) -> None:
    with pytest.raises(Conflict, match="damaged"):
        peppers_of_file(content, 1)
