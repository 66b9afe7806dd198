"""Settings: typed, frozen, silent about secrets, and every problem told at once."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.server.reference import errors_reference, settings_reference
from publicgsb.platform.server.settings import Settings, load_settings, publish_settings, unknown_names

_DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"GSB_{name.upper()}", raising=False)


def test_values_come_from_the_environment_and_an_empty_one_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GSB_PORT", "8123")
    monkeypatch.setenv("GSB_WORKERS", "")
    settings = load_settings()
    assert (settings.port, settings.workers) == (8123, 1)


def test_every_problem_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GSB_PORT", "99999")
    monkeypatch.setenv("GSB_REGISTRATION_LIMIT", "many")
    monkeypatch.setenv("GSB_LOG_LEVEL", "loud")
    with pytest.raises(InvalidRequest) as refusal:
        load_settings()
    for name in ("GSB_PORT", "GSB_REGISTRATION_LIMIT", "GSB_LOG_LEVEL"):
        assert name in refusal.value.message


def test_values_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        load_settings(statement_seconds=9.0, redis_url=SecretStr("http://x"), pepper=SecretStr("short"))
    for name in ("GSB_STATEMENT_SECONDS", "GSB_REDIS_URL", "GSB_PEPPER"):
        assert name in refusal.value.message


def test_no_secret_is_in_the_text_of_settings_or_of_a_refusal() -> None:
    secret = "postgresql://u:hunter2@host/db"
    assert "hunter2" not in repr(load_settings(database_url=SecretStr(secret)))
    with pytest.raises(InvalidRequest) as refusal:
        load_settings(database_url=SecretStr(secret.replace("postgresql", "mysql")), port="hunter2")
    assert "hunter2" not in str(refusal.value.message) + str(refusal.value.details)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load_settings().port = 1


def test_a_misspelt_name_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GSB_PROT", "8001")
    assert "GSB_PROT is no setting; did you mean GSB_PORT?" in unknown_names()


def test_what_was_given_reaches_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    given = load_settings(port=8124, demo=True, database_url=SecretStr("postgresql://u:p@h/d"), state_dir=Path("x"))
    for name in given.model_fields_set:
        monkeypatch.setenv(f"GSB_{name.upper()}", "")  # so that monkeypatch takes it back
    publish_settings(given)
    assert load_settings() == given


def test_the_address_to_print_follows_public_url() -> None:
    assert load_settings(host="::1", port=81).base_url == "http://[::1]:81"
    assert load_settings(public_url="https://api.example.org/").base_url == "https://api.example.org"


def test_the_reference_pages_are_those_of_the_code() -> None:
    assert (_DOCS / "settings.md").read_text() == settings_reference(), "run make references"
    assert (_DOCS / "errors.md").read_text() == errors_reference(), "run make references"


@pytest.mark.parametrize(
    "given",
    [
        "{",
        "[]",
        '{"x": "' + "p" * 32 + '"}',
        '{"2": "short"}',
        '{"0": "' + "p" * 32 + '"}',
        '{"1": "' + "p" * 32 + '"}',
    ],
)
def test_peppers_that_cannot_be_used_are_refused_without_being_repeated(given: str) -> None:
    with pytest.raises(InvalidRequest, match="GSB_OTHER_PEPPERS") as refusal:
        load_settings(other_peppers=SecretStr(given))
    assert "pppp" not in str(refusal.value)
