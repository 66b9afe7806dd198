"""No statement changes state unseen: each is named here with the entry of the audit that its use case writes.

A new statement that changes a table of state fails the first test until somebody says which entry tells of it. That the
entry is really written in the same transaction is held where each use case is walked (tests/audited.py); here it is
held that none was forgotten, and that what is named exists.
"""

import re
from pathlib import Path

import pytest
from tests.audited import NO_STATE

ROOT = Path(__file__).parents[2]
PARTS = ("apikeys", "datasets", "quotas", "platform/kernel", "platform/server")
_CHANGE = re.compile(r"\b(?:insert\s+into|update|delete\s+from)\s+gsb\.([a-z_]+)", re.IGNORECASE)

# Not told one by one, and why.
SCHEDULING = "who works on it and how far they are; that it was handed in and how it ended are told"
LOOKING = "when it was last looked at or used, which nobody decides"
TOLD = "which messages went out; the message is its own record"
FOLLOWS = "carried out in the transaction of a change that is told"
FORGETTING = "what is past its time goes, as published"
REHASH = "the same key under another pepper"
_REASONS = {SCHEDULING, LOOKING, TOLD, FOLLOWS, FORGETTING, REHASH}

STATEMENTS: dict[str, str] = {
    "apikeys/grants/sql/content_put.sql": FOLLOWS,
    "apikeys/grants/sql/grant_end.sql": "grant.",
    "apikeys/grants/sql/grant_insert.sql": "grant.",
    "apikeys/grants/sql/request_insert.sql": "grant.",
    "apikeys/grants/sql/request_move.sql": "grant.",
    "apikeys/grants/sql/step_insert.sql": "grant.",
    "apikeys/grants/sql/warned.sql": "grant.expiring",
    "apikeys/mail/sql/forget.sql": FORGETTING,
    "apikeys/people/sql/code_insert.sql": "person.invite",
    "apikeys/people/sql/code_redeem.sql": "person.join",
    "apikeys/people/sql/confirm.sql": "organisation.confirm",
    "apikeys/people/sql/legal_id_set.sql": "organisation.legal_id",
    "apikeys/people/sql/operator_insert.sql": "operator.add",
    "apikeys/people/sql/operator_renew.sql": "operator.renew",
    "apikeys/people/sql/person_insert.sql": "person.join",
    "apikeys/people/sql/person_remove.sql": "person.remove",
    "apikeys/people/sql/person_renew.sql": "owner_token.renew",
    "apikeys/people/sql/plan_step.sql": "use.declare",
    "apikeys/people/sql/use_end.sql": "use.end",
    "apikeys/people/sql/use_insert.sql": "use.declare",
    "apikeys/signing/sql/distrust.sql": "signing_key.distrust",
    "apikeys/signing/sql/erase.sql": "signing_key.erase",
    "apikeys/signing/sql/insert.sql": "signing_key.create",
    "apikeys/signing/sql/succeed.sql": "signing_key.create",
    "apikeys/sql/agency_person.sql": "key.create",
    "apikeys/sql/approve_organisation.sql": "organisation.approve",
    "apikeys/sql/insert_application.sql": "key.create",
    "apikeys/sql/insert_key.sql": "key.create",
    "apikeys/sql/insert_organisation.sql": "key.create",
    "apikeys/sql/insert_person.sql": "key.create",
    "apikeys/sql/note_last_use.sql": LOOKING,
    "apikeys/sql/rehash_key.sql": REHASH,
    "apikeys/sql/renew_owner_tokens.sql": "owner_token.renew",
    "apikeys/sql/restrict_key.sql": "key.restrict",
    "apikeys/sql/resume_organisation.sql": "organisation.resume",
    "apikeys/sql/retire_key.sql": "key.rotate",
    "apikeys/sql/revoke_key.sql": "key.revoke",
    "apikeys/sql/revoke_keys.sql": "key.revoke_many",
    "apikeys/sql/suspend_organisation.sql": "organisation.suspend",
    "apikeys/sql/tell_keys.sql": TOLD,
    "apikeys/upkeep/sql/retire_silent.sql": "key.retire",
    "apikeys/webhooks/sql/begin_test.sql": "webhook.test",
    "apikeys/webhooks/sql/change_webhook.sql": "webhook.change",
    "apikeys/webhooks/sql/claim.sql": SCHEDULING,
    "apikeys/webhooks/sql/delete_webhook.sql": "webhook.remove",
    "apikeys/webhooks/sql/disable_webhook.sql": "webhook.disable",
    "apikeys/webhooks/sql/fail_pending.sql": FOLLOWS,
    "apikeys/webhooks/sql/insert_webhook.sql": "webhook.register",
    "apikeys/webhooks/sql/note_failure.sql": LOOKING,
    "apikeys/webhooks/sql/note_success.sql": LOOKING,
    "apikeys/webhooks/sql/replay.sql": "webhook.replay",
    "apikeys/webhooks/sql/rotate_secret.sql": "webhook.rotate",
    "apikeys/webhooks/sql/settle_delivery.sql": SCHEDULING,
    "apikeys/webhooks/sql/spread.sql": TOLD,
    "apikeys/webhooks/sql/verify_webhook.sql": "webhook.verify",
    "datasets/agencies/sql/agency_insert.sql": "agency.add",
    "datasets/agencies/sql/agency_review.sql": "agency.set_review",
    "datasets/agencies/sql/contract_insert.sql": "dataset.declare",
    "datasets/agencies/sql/dataset_declare.sql": "dataset.declare",
    "datasets/agencies/sql/dataset_insert.sql": "dataset.declare",
    "datasets/exports/requested/sql/forget.sql": FORGETTING,
    "datasets/exports/requested/sql/request_attempt.sql": SCHEDULING,
    "datasets/exports/requested/sql/request_failed.sql": "export.fail",
    "datasets/exports/requested/sql/request_insert.sql": "export.request",
    "datasets/exports/requested/sql/request_made.sql": "export.make",
    "datasets/fetching/sql/source_checked.sql": LOOKING,
    "datasets/fetching/sql/source_claim.sql": SCHEDULING,
    "datasets/fetching/sql/source_drop.sql": "dataset.source",
    "datasets/fetching/sql/source_failed.sql": LOOKING,
    "datasets/fetching/sql/source_set.sql": "dataset.source",
    "datasets/jobs/sql/job_claim.sql": SCHEDULING,
    "datasets/jobs/sql/job_ended.sql": "job.end",
    "datasets/jobs/sql/job_in_review.sql": "job.end",
    "datasets/jobs/sql/job_insert.sql": "dataset.upload",
    "datasets/jobs/sql/job_postponed.sql": SCHEDULING,
    "datasets/jobs/sql/job_progress.sql": SCHEDULING,
    "datasets/jobs/sql/job_released.sql": "dataset.release",
    "datasets/notices/sql/next_contract_drop.sql": "dataset.declare",
    "datasets/notices/sql/notice_end.sql": "contract.notice_end",
    "datasets/notices/sql/notice_insert.sql": "contract.breaking_announced",
    "datasets/notices/sql/notice_override.sql": "contract.override",
    "datasets/notices/sql/override_insert.sql": "contract.override",
    "datasets/notices/sql/told_insert.sql": "contract.notice_told",
    "datasets/notices/sql/told_remind.sql": "contract.notice_told",
    "datasets/privacy/certificates/sql/insert.sql": "dataset.release",
    "datasets/quality/sql/counted_set.sql": "release.count",
    "datasets/releases/sql/changes_set.sql": "dataset.release",
    "datasets/releases/sql/dataset_deprecate.sql": "dataset.deprecate",
    "datasets/releases/sql/dataset_state.sql": "dataset.withdraw",
    "datasets/releases/sql/dataset_take_contract.sql": "dataset.release",
    "datasets/releases/sql/dropped.sql": "release.drop",
    "datasets/releases/sql/entry_insert.sql": "dataset.release",
    "datasets/releases/sql/link_insert.sql": "dataset.release",
    "datasets/releases/sql/recall.sql": "release.recall",
    "datasets/releases/sql/recall_insert.sql": "release.recall",
    "datasets/releases/sql/release_insert.sql": "dataset.release",
    "datasets/releases/sql/retire.sql": "release.retire",
    "datasets/requests/sql/contacts_forget.sql": FORGETTING,
    "datasets/requests/sql/messages_remove.sql": "request.",
    "datasets/requests/sql/request_insert.sql": "request.",
    "datasets/requests/sql/request_move.sql": "request.",
    "datasets/requests/sql/request_remove.sql": "request.",
    "datasets/requests/sql/set_deadline.sql": "request.deadline",
    "datasets/requests/sql/set_no_answer.sql": "request.",
    "datasets/requests/sql/step_insert.sql": "request.",
    "datasets/requests/sql/to_remind.sql": "request.remind",
    "datasets/reviews/sql/jobs_given_up.sql": "submission.",
    "datasets/reviews/sql/reminders.sql": "submission.remind",
    "datasets/reviews/sql/submission_decided.sql": "submission.",
    "datasets/reviews/sql/submission_failed.sql": "submission.",
    "datasets/reviews/sql/submission_in_review.sql": "submission.",
    "datasets/reviews/sql/submission_insert.sql": "submission.",
    "datasets/reviews/sql/submission_published.sql": "submission.",
    "datasets/reviews/sql/submission_validating.sql": "submission.lapse",
    "datasets/reviews/sql/submission_withdrawn.sql": "submission.",
    "datasets/sql/registry_bump.sql": FOLLOWS,
    "platform/kernel/outbox_sql/prune.sql": FORGETTING,
    "platform/kernel/outbox_sql/publish.sql": TOLD,
    "platform/server/recalling_sql/due.sql": LOOKING,
    "platform/server/recalling_sql/take_untold.sql": "release.recall_told",
    "quotas/capacity/sql/capacity_drop.sql": "capacity_drop",
    "quotas/capacity/sql/capacity_set.sql": "capacity_set",
    "quotas/metering/sql/incident_close.sql": "incident_close",
    "quotas/metering/sql/incident_note.sql": "incident",
    "quotas/sql/plan_set.sql": "plan.set",
    "quotas/sql/thresholds_reach.sql": TOLD,
}


def _of_state() -> dict[str, set[str]]:
    """Every file of SQL that changes a table of state, with those tables."""
    found = {}
    for part in PARTS:
        for path in (ROOT / part).rglob("*.sql"):
            if "migrations" not in path.parts:
                tables = set(_CHANGE.findall(re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8")))) - set(NO_STATE)
                if tables:
                    found[path.relative_to(ROOT).as_posix()] = tables
    return found


def test_every_statement_that_changes_state_says_which_entry_tells_of_it() -> None:
    assert sorted(_of_state()) == sorted(STATEMENTS)


@pytest.mark.parametrize("action", sorted(set(STATEMENTS.values()) - _REASONS))
def test_an_entry_that_is_named_is_written_somewhere(action: str) -> None:
    """A noun with a dot stands for all its actions, which are put together of the step that was taken."""
    written = f'f"{action}{{' if action.endswith(".") else f'"{action}"'
    sources = (path.read_text(encoding="utf-8") for part in PARTS for path in (ROOT / part).rglob("*.py"))
    assert any(written in source for source in sources), f"nothing writes {action}"
