"""`pgsb verify`: whether an answer is what the service said, without asking it."""

from pathlib import Path

import click

from publicgsb_sdk.cli.frame import Frame, pass_frame
from publicgsb_sdk.cli.output import note
from publicgsb_sdk.cli.signed import read_kept
from publicgsb_sdk.errors import InvalidRequest
from publicgsb_sdk.signatures import KeySet


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--keys", type=click.Path(path_type=Path), help="The key set that you saved.")
@click.option("--max-age", type=float, help="In seconds; any age without it.")
@click.option(
    "--save-keys", type=click.Path(path_type=Path), help="Save the service's key set in this new file, and stop."
)
@pass_frame
def verify(frame: Frame, folder: Path | None, keys: Path | None, max_age: float | None, save_keys: Path | None) -> None:
    """Check the answer that `pgsb query --keep FOLDER` kept, with a key set that was saved before. Needs no network.

    A changed byte, another question, another key or a stale answer ends with 8.
    """
    if save_keys is not None:
        _save(frame, save_keys)
        return
    if folder is None or keys is None:
        raise click.UsageError("Say which FOLDER, and --keys FILE; --save-keys FILE gets the key set.")
    try:
        jwks = keys.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{keys} cannot be read: {error.strerror}.", hint="--save-keys saves one.") from None
    kept = read_kept(folder)
    held = KeySet(jwks).verify(
        kept.body,
        kept.signature,
        document=kept.document,
        variables=kept.variables,
        operation_name=kept.operation_name,
        max_age=max_age,
    )
    note("The answer is genuine, and was given to this question.")
    frame.writer.one({"signedAt": held.signed_at, "key": held.kid, "requestId": held.request_id})


def _save(frame: Frame, keys_file: Path) -> None:
    body = frame.remote_as(None).answer("GET", "/.well-known/jwks.json").body
    KeySet(body)
    try:
        with keys_file.open("xb") as file:
            file.write(body)
    except OSError as error:
        raise InvalidRequest(f"{keys_file} cannot be written: {error.strerror}.") from None
    note(f"Saved as {keys_file}. Trust it as far as you trust this connection to {frame.url}.")
