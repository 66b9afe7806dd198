"""`AsyncPublisher`, an agency's side: files validated, released, reviewed and taken back; contracts declared."""

from collections.abc import Mapping
from datetime import date, datetime
from types import TracebackType
from typing import Any, Literal

import httpx2

from publicgsb_sdk import settings
from publicgsb_sdk.answers import read_json, understood
from publicgsb_sdk.asynchronous.deadline import AsyncDeadline, AsyncTimes
from publicgsb_sdk.asynchronous.errands import AsyncErrands
from publicgsb_sdk.asynchronous.transport import AsyncTransport
from publicgsb_sdk.call import Call
from publicgsb_sdk.errors import InvalidRequest, NotFound
from publicgsb_sdk.publishing import told
from publicgsb_sdk.publishing.progress import Progress, Watched, watched
from publicgsb_sdk.publishing.sent import (
    ContractLike,
    File,
    contract_body,
    dataset_path,
    notes_wish,
    one,
    with_query,
)
from publicgsb_sdk.publishing.told import DeclaredContract, Publication, Report, Submission
from publicgsb_sdk.query import dataset_id
from publicgsb_sdk.retry import Rule
from publicgsb_sdk.texts import told_in

Mode = Literal["full", "append", "upsert", "correction"]

FILE_SECONDS = 3600.0
ACCEPTED = 202


class AsyncPublisher:
    """One service and one agency key; safe to share, and made for `async with`.

    The key comes from the argument or `PGSB_AGENCY_KEY`, the address from the argument or `PGSB_URL`. `timeout`,
    `max_retries`, `locale` and `http_client` are those of AsyncClient, and so is `deadline` for all that takes no
    file; what takes one has a deadline of its own, an hour, over sending, checking and releasing together.

    A file is named by its path, and sent as what its ending says: `.csv`, `.tsv`, `.json`, `.jsonl`, `.xlsx`,
    `.parquet`, or one of them in `.gz`, `.zst` or `.zip`. A contract is the path of a file in YAML or JSON, or the
    document itself.

    Whatever asks the service can raise what `AsyncClient` says of itself, and `NotFound` for a dataset that the agency
    has not; what a method raises besides is said at it.

    >>> AsyncPublisher(agency_key, "https://gsb.example", deadline=60)
    AsyncPublisher(base_url='https://gsb.example')

    Raises:
        Unauthenticated: there is no key, or it is malformed or truncated: `reason` says which.
        InvalidRequest: there is no address, or a number that waiting cannot have.
    """

    def __init__(
        self,
        agency_key: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float = 30.0,
        deadline: float = 120.0,
        max_retries: int = 2,
        locale: Literal["en", "fa"] = "en",
        http_client: httpx2.AsyncClient | None = None,
    ) -> None:
        self._options = settings.Options(timeout, deadline, max_retries, locale)
        headers = settings.headers(settings.api_key(agency_key, settings.AGENCY_KEY), locale)
        self._address = settings.address(base_url)
        self._own_http = None if http_client else settings.opened(httpx2.AsyncClient)
        http = http_client or self._own_http
        assert http is not None
        times = AsyncTimes(timeout_seconds=timeout, deadline_seconds=deadline)
        self._errands = AsyncErrands(AsyncTransport(http, self._address, headers, times, Rule(max_retries)), times)

    async def validate(
        self,
        file: File,
        contract: ContractLike | None = None,
        *,
        dataset: str | None = None,
        mode: Mode = "full",
        progress: Watched = None,
        deadline: float = FILE_SECONDS,
    ) -> Report:
        """What a release of the file would come to, word for word; nothing is handed in, and nobody else sees it.

        Under the contract that the next release of `dataset` would have, or under `contract`: a file in YAML or JSON,
        or the document itself, which need not be declared yet.

        >>> report = await agency.validate("signs.csv", dataset="roads.signs")
        >>> report.is_good, report.rows
        (True, 4)
        >>> (await agency.validate("signs.csv", "contract.yaml")).is_good
        True

        Raises:
            InvalidRequest: neither a dataset nor a contract is named, or one of the files cannot be read or sent.
            RateLimited: four files of the agency wait to be looked at, or 200 were within a day.
            DeadlineExceeded: it is still being looked at; nothing is released by that.
        """
        with told_in(self._options.locale):
            within = self._errands.deadline(deadline)
            with watched(progress, self._options.locale) as watch:
                method, path = "POST", ""
                if contract is not None:
                    method, path = "PUT", await self._validation_of(contract, dataset, within)
                elif dataset is not None:
                    path = f"{dataset_path(dataset)}/validate"
                else:
                    raise InvalidRequest("Neither a dataset nor a contract is named.", details={"reason": "operand"})
                answer = await self._errands.sent(method, with_query(path, _mode(mode)), file, within, watch)
                found = await self._errands.followed("validations", read_json(answer), within, watch)
            if not found.get("report"):
                told.refuse_failed(found, self._options.locale)
            return understood("a report", lambda one: told.read_report(one, self._options.locale), found)

    async def release(
        self,
        file: File,
        dataset: str,
        *,
        mode: Mode = "full",
        as_of: date | None = None,
        notes: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        progress: Watched = None,
        wait: bool = True,
        deadline: float = FILE_SECONDS,
    ) -> Publication:
        """Release the file, or hand it in where the agency has its releases reviewed; and tell what became of it.

        It returns once the file is out, or waits for a reviewer (`wait=False`: once it is handed in). A file with
        errors raises FileRefused with the report. The same file with the same wishes is released once, however often
        this is called, cut or killed: the call tells what became of the first. `idempotency_key` releases it once more.
        `progress` is called with stage, bytes done and bytes in all; True draws a line on stderr. `notes` say what is
        new in it, to everybody: `{"fa": "…", "en": "…"}`.

        >>> done = await agency.release("signs.csv", "roads.signs")
        >>> done.is_released, done.release
        (True, 4)

        Raises:
            FileRefused: the file cannot be released as it stands; nothing was changed.
            InvalidRequest: it cannot be read, changed while it was being sent, or the contract does not allow the mode.
            NotPermitted: a reviewer hands in nothing, and no key releases for another agency.
            Conflict: the `idempotency_key` was used for another file, or the mode has no release to build on.
            DeadlineExceeded: it is still under way, and goes on; the same call tells what became of it.
        """
        with told_in(self._options.locale):
            wishes = {**_mode(mode), "asOf": as_of and as_of.isoformat(), **notes_wish(notes)}
            path = with_query(f"{dataset_path(dataset)}/releases", wishes)
            within = self._errands.deadline(deadline)
            with watched(progress, self._options.locale) as watch:
                answer = await self._errands.sent("POST", path, file, within, watch, is_once=True, key=idempotency_key)
                found = read_json(answer)
                if wait:
                    found = await self._errands.followed("jobs", found, within, watch)
                if submission := understood("a job", lambda job: job.get("submission"), found):
                    found = await self._errands.submission(submission, within, watch, wait=wait)
            told.refuse_failed(found, self._options.locale)
            return self._publication(found, dataset, submission, is_new=answer.status == ACCEPTED)

    async def submit(
        self,
        file: File,
        dataset: str,
        *,
        mode: Mode = "full",
        as_of: date | None = None,
        notes: Mapping[str, str] | None = None,
        embargo_until: datetime | None = None,
        draft: bool = False,
        idempotency_key: str | None = None,
        progress: Watched = None,
        wait: bool = True,
        deadline: float = FILE_SECONDS,
    ) -> Submission:
        """Hand the file in for review, whatever the agency's rule; a `draft` is kept, and checked once it is submitted.

        It returns once the file was checked, and raises FileRefused as `release` does; it is handed in once as there.

        >>> submission = await agency.submit("signs.csv", "roads.signs")
        >>> submission.id, submission.state
        ('sub_1', 'in_review')

        Raises:
            FileRefused: nobody is asked to look at a file with errors.
            InvalidRequest: it cannot be read, or the embargo does not end within the next 366 days.
            NotPermitted: a reviewer hands in nothing.
            Conflict: the `idempotency_key` was used for another file, or 20 submissions of the dataset are open.
            DeadlineExceeded: it is still being checked, and goes on; the same call tells what became of it.
        """
        with told_in(self._options.locale):
            wishes = {
                **_mode(mode),
                "asOf": as_of and as_of.isoformat(),
                **notes_wish(notes),
                "embargoUntil": embargo_until and embargo_until.isoformat(),
                "draft": "true" if draft else None,
            }
            path = with_query(f"{dataset_path(dataset)}/submissions", wishes)
            within = self._errands.deadline(deadline)
            with watched(progress, self._options.locale) as watch:
                answer = await self._errands.sent("POST", path, file, within, watch, is_once=True, key=idempotency_key)
                return await self._checked(read_json(answer), wait and not draft, within, watch)

    async def submit_draft(
        self, submission: str, *, progress: Watched = None, wait: bool = True, deadline: float = FILE_SECONDS
    ) -> Submission:
        """Have the draft of this id checked, and reviewed.

        >>> draft = await agency.submit("signs.csv", "roads.signs", draft=True)
        >>> draft.state
        'draft'
        >>> (await agency.submit_draft(draft.id)).state
        'in_review'

        Raises:
            FileRefused: nobody is asked to look at a file with errors.
            NotFound: there is no such submission.
            Conflict: it is no draft any more.
            DeadlineExceeded: it is still being checked, and goes on.
        """
        with told_in(self._options.locale):
            within = self._errands.deadline(deadline)
            with watched(progress, self._options.locale) as watch:
                made = await self._errands.posted(f"{one('submissions', submission)}/submit", {}, within)
                return await self._checked(made, wait, within, watch)

    async def submissions(self, *states: str) -> tuple[Submission, ...]:
        """Those of the agency, newest first; in these states, or in all: `await agency.submissions("in_review")`.

        >>> [(one.id, one.submitted_by) for one in await agency.submissions("in_review")]
        [('sub_1', 'Parisa')]

        Raises:
            InvalidRequest: there is no such state.
        """
        with told_in(self._options.locale):
            found = await self._errands.got(with_query("/api/v1/submissions", {"state": list(states)}))
            listed = understood("submissions", lambda document: tuple(document["submissions"]), found)
            return tuple(map(self._submission, listed))

    async def submission(self, submission: str) -> Submission:
        """One of them with its file, its report and what a reviewer sees.

        >>> submission = await agency.submission("sub_1")
        >>> submission.report.rows, submission.review["change"]["class"]
        (4, 'minor')

        Raises:
            NotFound: there is no such submission.
        """
        with told_in(self._options.locale):
            return self._submission(await self._errands.got(one("submissions", submission)))

    async def review_page(self, submission: str) -> bytes:
        """The same for paper: one HTML page without scripts.

        >>> page = await agency.review_page("sub_1")
        >>> page[:15]
        b'<!doctype html>'

        Raises:
            NotFound: there is no such submission.
        """
        with told_in(self._options.locale):
            call = Call("GET", f"{one('submissions', submission)}/page", accept="text/html")
            return (await self._errands.answer(call)).body

    async def approve(self, submission: Submission | str, *, sha256: str | None = None) -> Submission:
        """Publish exactly the file that was looked at: by its hash, or that of the submission as you were shown it.

        >>> shown = await agency.submission("sub_1")
        >>> (await agency.approve(shown)).decided_by
        'Reza'

        Raises:
            NotPermitted: you handed it in, or declared its new contract; or this key is no reviewer's.
            NotFound: there is no such submission.
            Conflict: it is of another file, not in review, or was checked against what is no more: `reason` says which.
        """
        with told_in(self._options.locale):
            within = self._errands.deadline()
            identifier = submission if isinstance(submission, str) else submission.id
            if sha256 is None and isinstance(submission, Submission):
                sha256 = submission.sha256
            if sha256 is None:
                sha256 = self._submission(await self._errands.got(one("submissions", identifier), within)).sha256
            body = {"fileSha256": sha256}
            return self._submission(
                await self._errands.posted(f"{one('submissions', identifier)}/approve", body, within)
            )

    async def send_back(self, submission: str, reason: str) -> Submission:
        """With a reason for whoever handed it in; a corrected file is a new submission.

        >>> (await agency.send_back("sub_1", "Row 2 stands on another road.")).state
        'sent_back'

        Raises:
            InvalidRequest: there is no reason.
            NotPermitted: this key is no reviewer's.
            NotFound: there is no such submission.
            Conflict: it is neither in review nor approved.
        """
        with told_in(self._options.locale):
            return self._submission(
                await self._errands.posted(f"{one('submissions', submission)}/send-back", {"reason": reason})
            )

    async def withdraw(self, submission: str, reason: str | None = None) -> Submission:
        """Take back a submission that is not published.

        >>> (await agency.withdraw("sub_1")).state
        'withdrawn'

        Raises:
            NotFound: there is no such submission.
            Conflict: it is published, sent back or withdrawn already.
        """
        with told_in(self._options.locale):
            body = {"reason": reason} if reason else {}
            return self._submission(await self._errands.posted(f"{one('submissions', submission)}/withdraw", body))

    async def withdraw_dataset(
        self, dataset: str, *, reason_fa: str, reason_en: str, legal_ground: str | None = None
    ) -> Mapping[str, Any]:
        """Take a whole dataset back, from everybody; the reasons are shown to all.

        >>> done = await agency.withdraw_dataset("roads.signs", reason_fa="نادرست بود.", reason_en="It was wrong.")
        >>> done["state"]
        'withdrawn'

        Raises:
            InvalidRequest: a reason is missing in one of the languages.
            NotPermitted: this key may not release.
            Conflict: it is withdrawn already.
        """
        body = {"reason": {"fa": reason_fa, "en": reason_en}, **({"legalGround": legal_ground} if legal_ground else {})}
        with told_in(self._options.locale):
            done: Mapping[str, Any] = await self._errands.posted(f"{dataset_path(dataset)}/withdraw", body)
            return done

    async def draft(self, file: File, dataset: str, *, progress: Watched = None, deadline: float = FILE_SECONDS) -> str:
        """A contract proposed for the file: YAML to be edited, with what it rests on. The file is not kept.

        >>> proposed = await agency.draft("signs.csv", "roads.signs")
        >>> proposed.splitlines()[:2]
        ['agency: roads', 'dataset: signs']

        Raises:
            InvalidRequest: the file cannot be read, here or by the service.
            RateLimited: four drafts of the agency are being made, or 200 were within a day.
            DeadlineExceeded: it is not made by then.
        """
        with told_in(self._options.locale):
            within = self._errands.deadline(deadline)
            with watched(progress, self._options.locale) as watch:
                answer = await self._errands.sent("POST", f"{dataset_path(dataset)}/drafts", file, within, watch)
                found = await self._errands.followed("drafts", read_json(answer), within, watch)
            told.refuse_failed(found, self._options.locale)
            call = Call("GET", f"{one('drafts', found['id'])}/contract", accept="application/yaml")
            return (await self._errands.answer(call, within)).body.decode()

    async def contract(self, dataset: str) -> DeclaredContract:
        """The newest that is declared, in effect or not.

        >>> declared = await agency.contract("roads.signs")
        >>> declared.document["version"]
        '1.0.0'

        Raises:
            NotFound: none is declared.
        """
        return await self._contract(dataset, self._errands.deadline())

    async def _contract(self, dataset: str, within: AsyncDeadline) -> DeclaredContract:
        with told_in(self._options.locale):
            answer = await self._errands.answer(Call("GET", f"{dataset_path(dataset)}/contract"), within)
            sha256 = answer.headers.get("etag", "").strip('"')
            return DeclaredContract(answer.body.decode(), read_json(answer), sha256)

    async def diff(self, dataset: str, contract: ContractLike | None = None) -> Mapping[str, Any]:
        """What this contract would change for callers, what it would break, and for whom; nothing is changed.

        Without one: what the contract that was declared last breaks.

        >>> found = await agency.diff("roads.signs", "contract.yaml")
        >>> found["change"]["class"], found["change"]["addedFields"], found["dryRun"]
        ('minor', ['material'], True)

        Raises:
            InvalidRequest: the contract is wrong: `details["problems"]` has each with its place and a way out.
        """
        with told_in(self._options.locale):
            if contract is None:
                notice: Mapping[str, Any] = await self._errands.got(f"{dataset_path(dataset)}/notice")
                return notice
            within = self._errands.deadline()
            try:
                replaces: str | None = (await self._contract(dataset, within)).sha256
            except NotFound:
                replaces = None
            return await self._declared(dataset, contract, replaces, within, dry_run=True)

    async def declare(
        self, dataset: str, contract: ContractLike, *, replaces: str | None = None, dry_run: bool = False
    ) -> Mapping[str, Any]:
        """Declare a contract. One that changes another names its hash, from `contract(dataset)`, as `replaces`.

        >>> former = await agency.contract("roads.signs")
        >>> done = await agency.declare("roads.signs", "contract.yaml", replaces=former.sha256)
        >>> done["result"], done["takesEffect"]
        ('next', 'next_release')

        Raises:
            InvalidRequest: the contract is wrong: `details["problems"]` has each with its place and a way out; or
                a colleague declared another one meanwhile (`status` 412), or `replaces` is missing (428).
            NotPermitted: this key may not declare, or only an operator may declare what it holds.
        """
        return await self._declared(dataset, contract, replaces, self._errands.deadline(), dry_run=dry_run)

    async def _declared(
        self, dataset: str, contract: ContractLike, replaces: str | None, within: AsyncDeadline, *, dry_run: bool
    ) -> Mapping[str, Any]:
        with told_in(self._options.locale):
            body = contract_body(contract)
            more = {"content-type": body.media_type} | ({"if-match": f'"{replaces}"'} if replaces else {})
            path = f"{dataset_path(dataset)}/contract" + ("?dryRun=true" if dry_run else "")
            call = Call("PUT", path, body.content, more=more)
            done: Mapping[str, Any] = read_json(await self._errands.answer(call, within))
            return done

    async def close(self) -> None:
        """Close the connections that this publisher opened; `async with` does it by itself.

        >>> await agency.close()
        """
        if self._own_http:
            await self._own_http.aclose()

    async def __aenter__(self) -> "AsyncPublisher":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncPublisher(base_url={self._address!r})"

    async def _checked(self, made: Any, wait: bool, within: AsyncDeadline, watch: Progress) -> Submission:
        if wait:
            identifier = self._submission(made).id
            made = await self._errands.submission(identifier, within, watch, wait=True)
            told.refuse_failed(made, self._options.locale)
        return self._submission(made)

    async def _validation_of(self, contract: ContractLike, dataset: str | None, within: AsyncDeadline) -> str:
        """Where the file goes, once the contract was taken."""
        body = contract_body(contract)
        name = dataset or body.dataset
        if name is None:
            raise InvalidRequest(
                "The contract does not say which dataset it is of.",
                hint="It begins with agency: and dataset:; or name it with dataset=….",
                details={"reason": "operand"},
            )
        path = f"{dataset_path(name)}/validate/contract"
        call = Call("POST", path, body.content, more={"content-type": body.media_type})
        made = read_json(await self._errands.answer(call, within))
        return one("validations", understood("a validation", lambda found: str(found["id"]), made)) + "/file"

    def _submission(self, document: Any) -> Submission:
        return understood("a submission", lambda found: told.read_submission(found, self._options.locale), document)

    def _publication(self, document: Any, dataset: str, submission: str | None, *, is_new: bool) -> Publication:
        review_at = self._address + one("submissions", submission) if submission else None

        def read(found: Any) -> Publication:
            return told.read_publication(
                *(found, self._options.locale),
                dataset=dataset_id(dataset),
                is_new=is_new,
                submission=submission,
                review_at=review_at,
            )

        return understood("what became of the file", read, document)


def _mode(mode: Mode) -> dict[str, str | None]:
    return {"mode": None if mode == "full" else mode}
