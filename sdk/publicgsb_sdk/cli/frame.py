"""What every command shares: the service and who asks it, the format, errors, and how a command ends."""

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import click
import httpx2

from publicgsb_sdk import Client, Publisher, texts
from publicgsb_sdk.cli.credentials import Credential, Credentials, Kind, credentials
from publicgsb_sdk.cli.exits import Exit, as_problem, code_of, exit_of
from publicgsb_sdk.cli.helping import Speaking, told_in_language
from publicgsb_sdk.cli.library import Times
from publicgsb_sdk.cli.output import Format, Writer, as_json, note
from publicgsb_sdk.cli.remote import Remote
from publicgsb_sdk.cli.routes import by_commands
from publicgsb_sdk.cli.usage import tell_usage
from publicgsb_sdk.cli.words import LOCALE, LOCALES, VARIABLE, said
from publicgsb_sdk.errors import ApiError, GsbError, InvalidRequest

TIMEOUT_SECONDS = 30.0
DEADLINE_SECONDS = 120.0


@dataclass(slots=True)
class Frame:
    """The `obj` of every command: `click.pass_obj` hands it over."""

    format: Format | None = None
    given_url: str | None = None
    left: str = "Nothing was changed."  # said when Ctrl-C ends the command
    _credentials: Credentials | None = None
    _http: httpx2.Client | None = None
    _ending: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def credentials(self) -> Credentials:
        if self._credentials is None:
            self._credentials = credentials()
        return self._credentials

    @property
    def url(self) -> str:
        """`--url`, or PGSB_URL, or the service that was last logged in to."""
        found = self.given_url or os.environ.get("PGSB_URL") or self.credentials.default_url()
        if not found:
            raise InvalidRequest(
                "There is no address of a service.",
                hint="Pass --url, set PGSB_URL, or run pgsb auth login --url https://…",
                details={"reason": "missing"},
            )
        return address(found)

    @property
    def writer(self) -> Writer:
        """A table on a terminal, JSON lines in a pipe, unless `-o` says otherwise."""
        return Writer(self.shown)

    @property
    def shown(self) -> Format:
        return self.format or (Format.TABLE if sys.stdout.isatty() else Format.NDJSON)

    @property
    def http(self) -> httpx2.Client:
        if self._http is None:
            self._http = self._ending.enter_context(httpx2.Client())
        return self._http

    def client(self) -> Client:
        """The library, with the data key."""
        key = self.credentials.required(Kind.KEY, self.url).text
        return Client(key, self.url, http_client=self.http)

    def publisher(self) -> Publisher:
        """The library's agency side, with the agency key; how far a file is it tells in the language of the command."""
        key = self.credentials.required(Kind.AGENCY, self.url).text
        return Publisher(key, self.url, locale="fa" if LOCALE.get() == "fa" else "en", http_client=self.http)

    def remote(self, kind: Kind) -> Remote:
        """The service, as the holder of a credential of this kind."""
        return self.remote_as(self.credentials.required(kind, self.url))

    def remote_open(self) -> Remote:
        """The service for what anybody may ask: with the key where there is one, so that limits are the key's."""
        return self.remote_as(self.credentials.find(Kind.KEY, self.url))

    def remote_as(self, credential: Credential | None) -> Remote:
        times = Times(TIMEOUT_SECONDS, DEADLINE_SECONDS)
        return Remote(self.url, credential.text if credential else None, self.http, times)

    def close(self) -> None:
        self._ending.close()


pass_frame = click.make_pass_decorator(Frame)


class ReaderLeft(Exception):
    """Whoever read stdout has closed it. By a name of its own, because click would end a broken pipe in its own way."""


class Commands(click.Group):
    """A group whose commands all take `--url`, and `-o` where it is not a place of their own."""

    context_class = Speaking

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params.append(_locale_option())

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        if not isinstance(cmd, click.Group):
            cmd.context_class = Speaking
            has_place = any("-o" in one.opts for one in cmd.params)
            cmd.params += [*([] if has_place else [_format_option()]), _url_option(), _locale_option()]
        super().add_command(cmd, name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderLeft from None


def run(main: click.Command, arguments: list[str] | None = None) -> int:
    """A command to its end; the number to exit with. Whatever happens is told on stderr, and never as a traceback."""
    frame = Frame()
    locale = LOCALE.set("en")
    warnings.showwarning = _warn
    stdout: Any = sys.stdout
    if isinstance(stdout, io.TextIOWrapper):
        stdout.reconfigure(encoding="utf-8")  # data are UTF-8 whatever the terminal's language is
    try:
        LOCALE.set(_locale_said(sys.argv[1:] if arguments is None else arguments) or _locale_of_environment())
        with told_in_language(main):
            done = main.main(arguments, prog_name="pgsb", obj=frame, standalone_mode=False)
        stdout.flush()
        return done if isinstance(done, int) else Exit.DONE
    except (click.exceptions.Abort, KeyboardInterrupt):
        note(f"\n{said('Interrupted.')} {said(frame.left)}")
        return Exit.INTERRUPTED
    except click.ClickException as wrong:
        tell_usage(wrong, frame.format)
        return Exit.USAGE
    except (BrokenPipeError, ReaderLeft):
        _close_stdout()
        return Exit.PIPE_CLOSED
    except GsbError as error:
        tell(error, frame.format)
        return exit_of(error)
    except OSError as error:  # of this machine: a full disk, a folder that is no folder
        tell(GsbError(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}."), frame.format)
        return Exit.ERROR
    finally:
        frame.close()
        LOCALE.reset(locale)


def tell(error: GsbError, format: Format | None) -> None:
    """The sentence, the next step, the code and the request, on stderr; as JSON where JSON was asked for.

    In Persian the English sentence follows, with its names and figures. Each mistake of a contract has a line.
    """
    if error.hint:
        error.hint = by_commands(error.hint)
    texts.tell(error, LOCALE.get())
    if format in (Format.JSON, Format.NDJSON):
        note(as_json({"error": as_problem(error)}))
        return
    note(f"Error: {error.message}")
    mistakes = _mistakes(error)
    for line in mistakes:
        note(f"  {line}")
    if error.hint and not mistakes:
        note(f"Hint: {error.hint}")
    if error.said:
        note(error.said)
    request = f" (request {error.request_id})" if isinstance(error, ApiError) and error.request_id else ""
    note(f"Code: {code_of(error)}{request}")


def _mistakes(error: GsbError) -> list[str]:
    """What is wrong with a contract and how it is put right, place by place; none where the sentence says all."""
    problems: Any = error.details.get("problems", ()) if isinstance(error, ApiError) else ()
    language = f"message_{LOCALE.get()}"
    lines = [f"{one['path']}: {one[language]} {one['fix']}".rstrip() for one in problems]
    return lines if len(lines) > 1 else []


def address(text: str) -> str:
    """The address of a service, without what follows its root."""
    found = text.strip().rstrip("/").removesuffix("/graphql")
    if not found.startswith(("http://", "https://")):
        raise InvalidRequest(f"{found!r} is not an address: it begins with http:// or https://.")
    return found


def confirmed(question: str, *, is_sure: bool) -> None:
    """Ask before what cannot be undone; without a terminal only `--yes` answers."""
    if is_sure:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("This cannot be undone: say --yes.")
    if not click.confirm(said(question), err=True):
        raise click.Abort


def flag(name: str, text: str) -> Callable[[Any], Any]:
    """A switch."""
    return click.option(name, is_flag=True, help=text)


dry_run_option = flag("--dry-run", "Say what would be done, and do nothing.")
yes_option = flag("--yes", "Do not ask.")


def _format_option() -> click.Option:
    return click.Option(
        ["-o", "--output", "format"],
        type=click.Choice(list(Format), case_sensitive=False),
        expose_value=False,
        callback=_remember_format,
        is_eager=True,
        help="How data are written: table on a terminal, ndjson in a pipe.",
    )


def _url_option() -> click.Option:
    return click.Option(
        ["--url"],
        expose_value=False,
        callback=_remember_url,
        is_eager=True,
        help="The service; PGSB_URL or the last login's without it.",
    )


def _remember_format(ctx: click.Context, _: click.Parameter, value: Format | None) -> None:
    if value is not None:
        ctx.ensure_object(Frame).format = Format(value)


def _locale_option() -> click.Option:
    return click.Option(
        ["--locale"],
        type=click.Choice(LOCALES),
        expose_value=False,
        callback=_remember_locale,
        is_eager=True,
        help=f"The language of messages; {VARIABLE}, or English, without it.",
    )


def _locale_said(arguments: Sequence[str]) -> str | None:
    """What `--locale` says, wherever it stands: `--help` may come before it."""
    words = [word for argument in arguments for word in argument.split("=", 1)]
    return next((one for name, one in pairwise(words) if name == "--locale" and one in LOCALES), None)


def _locale_of_environment() -> str:
    found = os.environ.get(VARIABLE) or "en"
    if found not in LOCALES:
        raise InvalidRequest(f"{VARIABLE} is {found!r}, and one of {', '.join(LOCALES)} is meant.")
    return found


def _remember_locale(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        LOCALE.set(value)


def _remember_url(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.ensure_object(Frame).given_url = value


def _warn(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    note(f"Note: {message}")


def _close_stdout() -> None:
    """Whoever read has left: what is still in the buffer goes nowhere, without a word at exit."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
