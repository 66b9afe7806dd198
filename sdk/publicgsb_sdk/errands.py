# Written from asynchronous/errands.py by `make sdk`; change that one.
"""What a publisher has done at the service: a file sent, an answer asked for, and a thing followed to its end."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from publicgsb_sdk.answers import Answer, read_json
from publicgsb_sdk.call import Call
from publicgsb_sdk.deadline import Deadline, Times
from publicgsb_sdk.errors import DeadlineExceeded
from publicgsb_sdk.publishing import told
from publicgsb_sdk.publishing.progress import Progress
from publicgsb_sdk.publishing.sent import File, once, one
from publicgsb_sdk.sending import CallersOwnError, upload_of
from publicgsb_sdk.transport import Transport
from publicgsb_sdk.wire import members

POLL_SECONDS = (0.2, 0.5, 1.0, 2.0, 3.0)


class Errands:
    """At one service, for one publisher; a request that names no deadline has that of `times`."""

    def __init__(self, transport: Transport, times: Times) -> None:
        self._transport = transport
        self._times = times

    def deadline(self, seconds: float | None = None) -> Deadline:
        """For the requests of one call together."""
        return self._transport.deadline(seconds)

    def answer(self, call: Call, within: Deadline | None = None) -> Answer:
        """The whole answer, with its headers and bytes."""
        return self._transport.send(call, within=within)

    def got(self, path: str, within: Deadline | None = None) -> Any:
        """A document."""
        return read_json(self.answer(Call("GET", path), within))

    def posted(self, path: str, body: Mapping[str, Any], within: Deadline | None = None) -> Any:
        """What may have arrived is not sent twice."""
        content = json.dumps(body, ensure_ascii=False).encode()
        return read_json(self.answer(Call("POST", path, content, is_safe=False), within))

    def sent(
        self,
        method: str,
        path: str,
        file: File,
        within: Deadline,
        watch: Progress,
        *,
        is_once: bool = False,
        key: str | None = None,
    ) -> Answer:
        """A file as the body, done `is_once` whatever is cut; else, sent twice it does no harm."""
        upload = upload_of(Path(file), watch)
        more = {"idempotency-key": once(path, upload.sha256, key)} if is_once else {}
        try:
            call = Call(method, path, more=upload.headers(more))
            return self._transport.send(call, within=within, upload=upload)
        except CallersOwnError as own:
            raise own.error from None
        finally:
            upload.give_up()

    def followed(self, kind: str, found: Any, within: Deadline, watch: Progress) -> Any:
        """Asked more and more seldom until it has come to its end. It goes on without whoever asks."""
        tried = 0
        while told.is_under_way(found):
            _tell(watch, found, found.get("stage"))
            wait = POLL_SECONDS[min(tried, len(POLL_SECONDS) - 1)]
            if wait >= within.left():
                raise _goes_on(found, within)
            self._times.sleep(wait)
            each = self.deadline(min(self._times.deadline_seconds, max(0.0, within.left())))
            try:
                found = self.got(one(kind, found["id"]), each)
            except DeadlineExceeded:
                if within.left() > 0:
                    raise
                raise _goes_on(found, within) from None
            tried += 1
        _tell(watch, found, None)
        return found

    def submission(self, identifier: str, within: Deadline, watch: Progress, *, wait: bool) -> Any:
        """A submission with its report; `wait`: once it was checked, or is out."""
        found = self.got(one("submissions", identifier), within)
        return self.followed("submissions", found, within, watch) if wait else found


def _goes_on(found: Mapping[str, Any], within: Deadline) -> DeadlineExceeded:
    return DeadlineExceeded(
        f"After {within.seconds:g} seconds {found['id']} is still {found['state']}.",
        hint="It goes on without you; the same call tells what became of it.",
    )


def _tell(watch: Progress, found: Any, stage: str | None) -> None:
    done = members(found.get("progress"))
    watch(stage or found["state"], done.get("bytes") or 0, done.get("bytesTotal") or 0)
