"""`pgsb` and whoever sits before it: registering, credentials, keys, terminals, and how commands end."""

import asyncio
import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from rich.cells import cell_len

from publicgsb.apikeys.mail.outbox import newest
from publicgsb.platform.kernel.database import Connections
from publicgsb_sdk.cli.exits import Exit
from tests.journeys.pgsb_shell import REGISTER, UNSEEN, Shell, fails, run


async def test_registering_stores_what_it_got_and_shows_none_of_it(pgsb: Shell, connections: Connections) -> None:
    would = await run(pgsb, *REGISTER, "--dry-run")
    assert would.json["wouldRegister"]["name"] == "استارت‌آپ"
    assert not (pgsb.home / "pgsb").exists()
    said = await run(pgsb, *REGISTER)
    assert said.json["organisation"]["name"] == "استارت‌آپ"
    kept = pgsb.secrets
    assert set(kept) == {"key", "ownerToken"}
    assert not any(secret in said.out + said.err for secret in kept.values())
    refused = await fails(pgsb, Exit.CONFLICT, *REGISTER)
    assert "--replace" in refused["hint"]
    (mail,) = await newest(connections, 1)
    code = re.search(r'"code":"(\w{32})"', mail.body)
    assert code
    confirmed = await run(pgsb, "register", "--confirm", stdin=f"{code[1]}\n")
    assert confirmed.json["emailConfirmedAt"]


@pytest.mark.prove
async def test_status_tells_each_credential_its_source_and_why_one_fails(logged_in: Shell) -> None:
    key = logged_in.secrets["key"]
    good = (await run(logged_in, "auth", "status")).lines
    assert [(row["credential"], row["used"]) for row in good] == [("data key", True), ("owner token", True)]
    assert good[0]["shown"] == f"{key[:13]}…"
    assert "plan open" in good[0]["service"]
    logged_in.variables["PGSB_API_KEY"] = key[:-1] + ("0" if key[-1] != "0" else "1")
    said = await run(logged_in, "auth", "status", ends_with=Exit.UNAUTHENTICATED)
    first, second, _ = said.lines
    assert (first["source"], first["used"]) == ("environment variable PGSB_API_KEY", True)
    assert "does not match its checksum" in first["service"]
    assert (second["used"], second["service"]) == (False, None)
    narrow = logged_in.variables | {"COLUMNS": "80"}
    shell = Shell(logged_in.url, logged_in.home, narrow)
    shown = await run(shell, "auth", "status", "-o", "table", ends_with=Exit.UNAUTHENTICATED)
    assert "checksum" not in shown.out and "does not match its checksum" in shown.err  # whole where the table cuts it
    assert key not in said.out + said.err


@pytest.mark.prove
async def test_login_reads_stdin_asks_whose_it_is_and_logout_forgets(logged_in: Shell) -> None:
    kept = logged_in.secrets
    would = await run(logged_in, "auth", "logout", "--dry-run")
    assert logged_in.secrets == kept
    gone = await run(logged_in, "auth", "logout")
    assert would.lines == gone.lines
    assert {row["credential"] for row in gone.lines} == {"key", "ownerToken"}
    assert logged_in.secrets == {}
    assert "pgsb register" in (await run(logged_in, "auth", "status", ends_with=Exit.UNAUTHENTICATED)).err
    tried = await run(logged_in, "auth", "login", "--dry-run", stdin=kept["key"])
    assert tried.json["wouldStore"] and logged_in.secrets == {}
    back = await run(logged_in, "auth", "login", stdin=kept["key"] + "\n")
    assert (back.json["credential"], kept["key"] in back.out + back.err) == ("key", False)
    await run(logged_in, "auth", "login", stdin=kept["ownerToken"])
    assert logged_in.secrets == kept
    cut = await fails(logged_in, Exit.UNAUTHENTICATED, "auth", "login", stdin=kept["key"][:20])
    assert cut["details"]["reason"] == "truncated"
    (logged_in.home / "pgsb" / "credentials.json").chmod(0o644)
    assert "chmod 600" in (await fails(logged_in, Exit.ERROR, "limits"))["hint"]


@pytest.mark.prove
async def test_keys_are_made_replaced_and_ended_and_no_secret_is_shown(logged_in: Shell) -> None:
    old = logged_in.secrets["key"]
    assert (await run(logged_in, "key", "create", "--label", "x", "--to", "k", "--dry-run")).json["wouldCreate"]
    made = await run(logged_in, "key", "create", "--label", "دوم", "--dataset", "air/airports", "--to", "second.key")
    secret = (logged_in.home / "second.key").read_text().strip()
    assert (logged_in.home / "second.key").stat().st_mode & 0o777 == 0o600
    assert (made.json["datasets"], secret in made.out + made.err) == (["air/airports"], False)
    taken = await fails(logged_in, Exit.USAGE, "key", "create", "--to", "second.key")
    assert "cannot be made" in taken["message"]
    rotated = await run(logged_in, "key", "rotate", made.json["id"], "--overlap-hours", "1", "--save")
    assert "works until" in rotated.err
    assert logged_in.secrets["key"] not in (old, secret)
    piped = await run(logged_in, "key", "create", "--kind", "test", "--to", "-")
    assert re.fullmatch(r"gsbt_\w{46}\n", piped.out)
    listed = (await run(logged_in, "key", "list")).lines
    assert len(listed) == 4 and "secret" not in listed[0]
    assert "--yes" in (await fails(logged_in, Exit.USAGE, "key", "revoke", made.json["id"]))["message"]
    ended = await run(logged_in, "key", "revoke", made.json["id"], "--yes", "--reason", "no longer used")
    assert ended.json["effective"] == "everywhere"
    logged_in.variables["PGSB_API_KEY"] = secret
    assert (await fails(logged_in, Exit.UNAUTHENTICATED, "limits"))["details"]["reason"] == "revoked"


@pytest.mark.prove
@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "table"])
async def test_a_reader_that_has_left_ends_it_without_a_word(pgsb: Shell, form: str) -> None:
    """As `| head` does, which has what it wants."""
    reader, writer = os.pipe()
    os.close(reader)
    process = pgsb.start("dataset", "list", "-o", form, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    _, err = await asyncio.to_thread(process.communicate, timeout=60)
    assert (process.returncode, err) == (Exit.PIPE_CLOSED, b"")


def test_ctrl_c_says_what_is_left_and_ends_with_130(tmp_path: Path) -> None:
    """In the middle of a wait: here for a service that takes the connection and never answers."""

    with socket.create_server(("127.0.0.1", 0)) as silent:
        pgsb = Shell(f"http://127.0.0.1:{silent.getsockname()[1]}", tmp_path)
        process = pgsb.start("dataset", "list", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        silent.settimeout(30)
        asked, _ = silent.accept()
        with asked:
            asked.recv(1)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
    assert (process.returncode, err.decode().strip()) == (130, "Interrupted. Nothing was changed.")


def read_all(descriptor: int) -> str:
    """What a terminal showed, until nobody writes to it any more."""
    shown = b""
    while True:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # EIO: the other side is closed
            piece = b""
        if not piece:
            os.close(descriptor)
            return shown.decode()
        shown += piece


@pytest.mark.parametrize(("no_color", "is_styled"), [("", True), ("1", False)])
async def test_a_terminal_gets_a_table_and_nothing_wider(pgsb: Shell, no_color: str, is_styled: bool) -> None:
    pgsb.variables |= {"NO_COLOR": no_color, "TERM": "xterm-256color", "COLUMNS": "80"}
    master, slave = os.openpty()
    process = pgsb.start("dataset", "list", stdout=slave, stderr=subprocess.PIPE)
    os.close(slave)
    shown = (await asyncio.to_thread(read_all, master)).translate(UNSEEN)
    _, err = await asyncio.to_thread(process.communicate, timeout=60)
    assert (process.returncode, err, "\x1b[1m" in shown) == (0, b"", is_styled)
    lines = re.sub(r"\x1b\[\d*m", "", shown).splitlines()
    assert lines[0].startswith("name") and "…" in shown
    assert [line[:6] for line in lines[2:]] == ["air.ai", "fly.fl", "geo.co"]
    assert all(cell_len(line) <= 80 for line in lines)


@pytest.mark.prove
async def test_a_key_that_is_typed_is_not_shown(logged_in: Shell) -> None:
    key = logged_in.secrets["key"]
    await run(logged_in, "auth", "logout")
    master, slave = os.openpty()
    process = logged_in.start(
        "auth", "login", stdin=slave, stderr=slave, stdout=subprocess.PIPE, start_new_session=True
    )
    os.close(slave)
    shown = ""
    while "Key or owner token" not in shown:
        shown += (await asyncio.to_thread(os.read, master, 4096)).decode()
    os.write(master, key.encode() + b"\n")
    shown += await asyncio.to_thread(read_all, master)
    out, _ = await asyncio.to_thread(process.communicate, timeout=60)
    assert (process.returncode, key in shown + out.decode()) == (0, False), shown
    assert logged_in.secrets["key"] == key
