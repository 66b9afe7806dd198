"""Where keys are kept, who may read them, and which one counts."""

import json
from pathlib import Path

import pytest
from tests.sdk.conftest import KEY, URL

from publicgsb_sdk import GsbError, Unauthenticated
from publicgsb_sdk.cli.credentials import Credentials, FileIsOpen, Guarded, Kind, redacted


class Keyring:
    """As the package of that name, in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pgsb" / "credentials.json"


def test_a_file_is_for_its_owner_alone(path: Path) -> None:
    kept = Credentials({}, path, None)
    assert kept.keep(Kind.KEY, URL, KEY) == str(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert kept.required(Kind.KEY, URL).text == KEY
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o640, 0o644])
def test_a_file_that_others_may_read_is_refused(path: Path, mode: int) -> None:
    kept = Credentials({}, path, None)
    kept.keep(Kind.KEY, URL, KEY)
    path.chmod(mode)
    with pytest.raises(FileIsOpen) as refused:
        kept.find(Kind.KEY, URL)
    assert f"chmod 600 {path}" in str(refused.value)
    assert KEY not in str(refused.value)


def test_the_environment_counts_before_the_keyring_and_that_before_the_file(path: Path) -> None:
    Credentials({}, path, None).keep(Kind.KEY, URL, "from the file")
    keyring = Keyring()
    Credentials({}, path.with_name("other"), keyring).keep(Kind.KEY, URL, "from the keyring")
    found = list(Credentials({"PGSB_API_KEY": "given\n"}, path, keyring).all(Kind.KEY, URL))
    assert [one.text for one in found] == ["given", "from the keyring", "from the file"]
    assert [one.source for one in found] == ["environment variable PGSB_API_KEY", "keyring", str(path)]


def test_the_variable_of_keys_may_hold_an_agency_key(path: Path) -> None:
    given = Credentials({"PGSB_API_KEY": "gsba_" + KEY[5:]}, path, None)
    assert given.required(Kind.AGENCY, URL).source == "environment variable PGSB_API_KEY"
    assert given.find(Kind.KEY, URL) is None


def test_a_keyring_leaves_nothing_in_the_file(path: Path) -> None:
    keyring = Keyring()
    kept = Credentials({}, path, keyring)
    assert kept.keep(Kind.OWNER, URL, "a secret") == "keyring"
    assert "a secret" not in path.read_text()
    assert kept.default_url() == URL
    assert (kept.forget(Kind.OWNER, URL), keyring.kept) == (["keyring"], {})


def test_a_keyring_that_fails_is_told_without_what_was_to_be_kept(path: Path) -> None:
    class Locked(Keyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise RuntimeError(f"cannot keep {password}")

    with pytest.raises(GsbError, match="PGSB_KEYRING=off") as refused:
        Credentials({}, path, Guarded(Locked())).keep(Kind.KEY, URL, KEY)
    assert KEY not in str(refused.value)
    assert refused.value.__suppress_context__


def test_what_is_for_one_service_is_not_given_to_another(path: Path) -> None:
    kept = Credentials({}, path, None)
    kept.keep(Kind.KEY, URL, KEY)
    with pytest.raises(Unauthenticated) as missing:
        kept.required(Kind.KEY, "https://another.test")
    assert missing.value.reason == "missing"
    assert "PGSB_API_KEY" in str(missing.value)


def test_forgetting_leaves_the_others(path: Path) -> None:
    kept = Credentials({}, path, None)
    kept.keep(Kind.KEY, URL, KEY)
    kept.keep(Kind.AGENCY, URL, "other")
    assert (kept.forget(Kind.KEY, URL), kept.forget(Kind.KEY, URL)) == ([str(path)], [])
    assert kept.required(Kind.AGENCY, URL).text == "other"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"services": 1}', '{"services": {"u": 1}}'])
def test_a_file_that_is_something_else_is_said_to_be_so(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(GsbError, match=r"credentials\.json"):
        Credentials({}, path, None).find(Kind.KEY, URL)


def test_a_folder_that_cannot_be_written_is_found_out_before_a_secret_is_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GsbError):
        Credentials({}, tmp_path / "file" / "credentials.json", None).prepare()


def test_a_credential_is_never_shown_as_a_whole(path: Path) -> None:
    kept = Credentials({"PGSB_API_KEY": KEY}, path, None)
    found = kept.required(Kind.KEY, URL)
    assert KEY not in repr(found)
    assert redacted(KEY) == f"{KEY[:13]}…"
    assert redacted("eyJabc.def.ghi") == "a token of 14 characters"


def test_the_file_is_json_that_a_person_can_repair(path: Path) -> None:
    Credentials({}, path, None).keep(Kind.KEY, URL, KEY)
    assert json.loads(path.read_text()) == {"services": {URL: {"key": KEY}}, "default": URL}
