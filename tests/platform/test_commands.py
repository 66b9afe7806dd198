"""The commands of audit, people and operators, as an operator types them."""

import json
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result
from tests.conftest import _apart

from publicgsb.apikeys.model import Registered
from publicgsb.apikeys.people.service import People
from publicgsb.apikeys.service import ApiKeys
from publicgsb.apikeys.tokens import OwnerTokens
from publicgsb.platform.kernel.database import Connections
from publicgsb.platform.server.cli import main
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings


class Terminal:
    """A shell in which GSB_ settings point at the test's engines."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def run(self, *arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, arguments, env=self._environment)
        assert result.exit_code == code, result.output
        return result

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run("--json", *arguments, code=code).stdout)

    def showing(self, secret: str) -> "Terminal":
        """The same for an operator with this secret."""
        return Terminal({**self._environment, "GSB_OPERATOR_SECRET": secret})


@pytest.fixture
def terminal(settings: Settings) -> Terminal:
    assert settings.database_url and settings.redis_url and settings.pepper
    return Terminal(
        {
            "GSB_DATABASE_URL": settings.database_url.get_secret_value(),
            "GSB_REDIS_URL": settings.redis_url.get_secret_value(),
            "GSB_STATE_DIR": str(settings.state_dir),
            "GSB_PEPPER": settings.pepper.get_secret_value(),
            "LOGNAME": "deploy",  # what getpass asks first
        }
    )


@pytest.fixture
def made(settings: Settings) -> Registered:
    """An organisation that registered, number 1 of its database."""

    async def register() -> Registered:
        assert settings.database_url is not None
        secrets, tokens = load_secrets(settings), OwnerTokens(load_secrets(settings).signing_key_pem)
        connections = Connections(settings.database_url.get_secret_value(), size=2)
        keys = ApiKeys(connections, tokens, secrets.pepper)
        try:
            people = People(connections, keys, tokens, secrets.pepper, "https://gsb.test")
            return await people.register("Rah", "rah@example.ir", "cheap travel", legal_id="10380284790")
        finally:
            await connections.close()

    return _apart(register())


def _tamper(settings: Settings, statement: str) -> None:
    async def act() -> None:
        assert settings.database_url is not None
        connection = await asyncpg.connect(settings.database_url.get_secret_value())
        await connection.execute(f"alter table gsb.audit disable trigger user; {statement}")
        await connection.close()

    _apart(act())


def test_the_audit_is_listed_verified_and_held_against_a_kept_head(
    terminal: Terminal, made: Registered, settings: Settings
) -> None:
    listed = terminal.json("audit", "list", "--action", "organisation")
    assert [(row["action"], row["person"]) for row in listed] == [("organisation.register", "Rah")]
    head = terminal.run("audit", "head").stdout.strip()
    terminal.run("org", "suspend", "1", "--reason", "abuse")
    assert terminal.json("audit", "verify", "--head", head)["intact"]
    terminal.run("audit", "verify", "--head", "1:" + "0" * 64, code=3)
    terminal.run("audit", "verify", "--head", "nonsense", code=2)
    _tamper(settings, "update gsb.audit set actor = 'person:9' where id = 2")
    verdict = terminal.json("audit", "verify", code=3)
    assert [(one["flaw"], one["entry"]) for one in verdict["problems"]] == [("changed", 2)]
    assert "Entry 2, number 2, was changed." in terminal.run("audit", "verify", code=3).stdout


def test_once_operators_are_named_a_change_needs_one_and_a_look_does_not(terminal: Terminal, made: Registered) -> None:
    terminal.run("org", "suspend", "1", "--reason", "abuse")
    added = terminal.json("operator", "add", "Mina", "--email", "mina@example.ir")
    mina, her = added["id"], terminal.showing(added["secret"])
    terminal.run("org", "resume", "1", "--reason", "settled", code=3)
    terminal.run("--as", "mina@example.ir", "org", "resume", "1", "--reason", "settled", code=3)
    assert [row["state"] for row in terminal.json("org", "list")] == ["suspended"]
    her.run("org", "resume", "1", "--reason", "settled")
    terminal.run("--as", "nobody@example.ir", "org", "suspend", "1", "--reason", "x", code=4)
    written = [(row["action"], row["actor"], row["person"]) for row in terminal.json("audit", "list", "--limit", "3")]
    assert written == [
        ("organisation.resume", f"person:{mina} account:deploy", "Mina"),
        ("operator.add", "operator:deploy", None),
        ("organisation.suspend", "operator:deploy", None),
    ]
    assert len(terminal.json("audit", "list", "--actor", f"person:{mina}")) == 1


def test_an_organisation_is_put_on_no_plan_that_there_is_not(terminal: Terminal, made: Registered) -> None:
    """It was, and each of its requests ended with a 500."""
    terminal.run("org", "approve", "1", "--plan", "nope", code=4)
    assert [row["plan"] for row in terminal.json("org", "list")] == ["open"]
    assert terminal.json("org", "approve", "1", "--plan", "registered_use")["plan"] == "registered_use"


def test_an_organisation_gets_a_further_application(terminal: Terminal, made: Registered) -> None:
    added = terminal.json("org", "application", "1", "--name", " The  second ")
    assert added["name"] == "The second"
    listed = terminal.json("org", "show", "1")["applications"]
    assert [one["id"] for one in listed] == [made.application.id, added["id"]]
    terminal.run("org", "application", "1", "--name", "x", code=3)
    terminal.run("org", "application", "404", "--name", "Third", code=4)


def test_a_lost_secret_is_renewed_at_the_terminal_and_the_audit_tells(terminal: Terminal, made: Registered) -> None:
    lost = terminal.json("operator", "add", "Mina", "--email", "mina@example.ir")["secret"]
    found = terminal.json("operator", "renew", "mina@example.ir")["secret"]
    terminal.showing(lost).run("org", "suspend", "1", "--reason", "abuse", code=3)
    terminal.showing(found).run("org", "suspend", "1", "--reason", "abuse")
    assert terminal.json("org", "show", "1")["suspendedReason"] == "abuse"
    written = [(row["action"], row["actor"]) for row in terminal.json("audit", "list", "--action", "operator")]
    assert written == [("operator.renew", "operator:deploy"), ("operator.add", "operator:deploy")]


def test_a_plan_is_tried_on_what_was_really_used(terminal: Terminal, made: Registered) -> None:
    tried = terminal.json("plan", "try", "approved", "--since", "7d", "--on", "open")
    assert (tried["plan"], tried["applications"], tried["requests"], tried["refused"]) == ("approved", 0, 0, [])
    span = datetime.fromisoformat(tried["until"]) - datetime.fromisoformat(tried["since"])
    assert span == timedelta(days=7)
    assert "Nobody would have been refused." in terminal.run("plan", "try", "approved").stderr
    terminal.run("plan", "try", "approved", "--since", "a week", code=2)
    terminal.run("plan", "try", "nothing", code=4)


def test_an_operator_is_known_by_the_account_at_the_terminal(terminal: Terminal, made: Registered) -> None:
    mina = terminal.json("operator", "add", "Mina", "--email", "mina@example.ir", "--account", "deploy")["id"]
    terminal.run("org", "approve", "1")
    (newest,) = terminal.json("audit", "list", "--limit", "1")
    assert (newest["actor"], newest["before"]["plan"], newest["after"]["plan"]) == (
        f"person:{mina} account:deploy", "open", "approved",
    )  # fmt: skip


def test_an_organisation_is_shown_with_its_legal_id_and_its_mail_waits_in_the_outbox(
    terminal: Terminal, made: Registered
) -> None:
    shown = terminal.json("org", "show", "1")
    assert (shown["legalId"], shown["emailConfirmed"]) == ("10380284790", None)
    assert [person["role"] for person in shown["people"]] == ["owner"]
    (mail,) = terminal.json("org", "outbox")
    assert mail["to"] == "rah@example.ir" and "/api/v1/confirm" in mail["body"]
    assert mail["body"] in terminal.run("org", "outbox").stdout
    assert terminal.json("org", "legal-id", "1", "--clear", "--reason", "not theirs")["legalId"] is None
    terminal.run("org", "legal-id", "1", "--set", "12345678901", "--reason", "x", code=3)
    assert terminal.json("org", "token", "1")["ownerToken"].count(".") == 2
    terminal.run("org", "end-use", "1", "--reason", "none declared", code=4)


def test_people_of_agencies_come_and_go_with_their_keys(terminal: Terminal) -> None:
    terminal.run("agency", "add", "aviation", "--name-fa", "هواپیمایی", "--name-en", "Aviation")
    person = ("--person", "Sara", "--email", "sara@aviation.ir")
    key = terminal.json("agency", "key", "aviation", *person, "--role", "reviewer")["id"]
    terminal.run("agency", "key", "aviation", *person, code=5)
    (sara,) = terminal.json("agency", "people", "aviation")
    assert sara["role"] == "reviewer"
    removed = terminal.json("agency", "remove", "aviation", str(sara["id"]), "--reason", "left")
    assert (removed["revokedKeys"], removed["effective"]) == ([key], "everywhere")
    assert terminal.json("agency", "people", "aviation") == []


def test_what_a_key_is_held_to_is_said_and_changed_at_a_terminal(terminal: Terminal, made: Registered) -> None:
    terminal.run("agency", "add", "aviation", "--name-fa", "هواپیمایی", "--name-en", "Aviation")
    held = ("--level", "open", "--address", "192.0.2.0/24", "--expires-in-days", "30")
    key = terminal.json("agency", "key", "aviation", "--person", "Sara", "--email", "sara@aviation.ir", *held)["id"]
    (listed,) = terminal.json("key", "list", "--agency", "aviation")
    assert (listed["levels"], listed["addresses"], listed["datasets"]) == (["open"], ["192.0.2.0/24"], None)
    changed = terminal.json("key", "restrict", key, "--lift", "levels", "--expires-in-days", "7", "--reason", "a trial")
    assert (changed["levels"], changed["addresses"], changed["effective"]) == (None, ["192.0.2.0/24"], "everywhere")
    assert changed["expires"] < listed["expires"]
    mine = made.key.key.id
    assert terminal.json("key", "restrict", mine, "--level", "open", "--reason", "abuse")["secrets"] == [mine]
    terminal.run("key", "restrict", mine, "--dataset", "aviation/nothing", "--reason", "x", code=3)
    terminal.run("key", "restrict", mine, "--lift", "levels", "--level", "open", "--reason", "x", code=2)
    terminal.run("key", "restrict", mine, "--address", "192.0.2.0/33", "--reason", "x", code=2)
    terminal.run("key", "restrict", mine, "--reason", "nothing", code=2)
    terminal.run("key", "restrict", "00000000", "--level", "open", "--reason", "x", code=4)
