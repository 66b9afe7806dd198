"""What a URL and a kind may be, and how patient deliveries are."""

from datetime import timedelta

import pytest

from publicgsb.apikeys.webhooks.model import Terms, check_kinds, parse_message_name
from publicgsb.platform.kernel.errors import InvalidRequest
from publicgsb.platform.kernel.outward import parse_target

REFUSED = [
    "",
    "hooks.example.org/a",
    "ftp://hooks.example.org/",
    "http://hooks.example.org/",
    "https://",
    "https:///path",
    "https://user@hooks.example.org/",
    "https://user:word@hooks.example.org/",
    "https://hooks.example.org/#part",
    "https://hooks.example.org:22/",
    "https://hooks.example.org:0/",
    "https://hooks.example.org:99999/",
    "https://hooks.example.org\\@10.0.0.1/",
    "https://hooks.example.org/a b",
    "https://hooks.example.org/a\r\nX: y",
    "https://هواپیما.example/",
    "https://[::1/",
    "https://[fe80::1%25eth0]/",
    "https://exa mple.org/",
    "https://example.org/" + "a" * 2000,
]


@pytest.mark.parametrize("url", REFUSED)
def test_what_no_webhook_can_be_sent_to_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_target(url, http_is_allowed=False, private_is_allowed=False)
    assert refused.value.details["reason"] == "url"


def test_a_url_is_taken_apart() -> None:
    target = parse_target("https://Hooks.Example.org/a?b=c", http_is_allowed=False, private_is_allowed=False)
    assert (target.host, target.port, target.path) == ("hooks.example.org", 443, "/a?b=c")
    assert (target.authority, target.lane) == ("hooks.example.org", "https://hooks.example.org:443")


def test_an_address_in_a_url_keeps_its_brackets_where_they_belong() -> None:
    target = parse_target("https://[2606:4700::1]:8443", http_is_allowed=False, private_is_allowed=False)
    assert (target.host, target.path, target.authority) == ("2606:4700::1", "/", "[2606:4700::1]:8443")


def test_the_pauses_sum_up_to_two_days_and_end() -> None:
    terms = Terms()
    pauses = [terms.pause(attempts, None, 0.5) for attempts in range(1, 11)]
    assert pauses[-1] is None
    total = sum((pause for pause in pauses if pause), timedelta())
    assert timedelta(hours=44) < total < timedelta(hours=52)


@pytest.mark.parametrize("chance", [0.0, 0.3, 1.0])
def test_a_pause_varies_by_a_fifth(chance: float) -> None:
    pause = Terms().pause(4, None, chance)
    assert pause is not None
    assert timedelta(minutes=24) <= pause <= timedelta(minutes=36)


def test_a_receiver_may_ask_for_more_patience_but_not_for_less_nor_without_end() -> None:
    terms = Terms()
    assert terms.pause(1, timedelta(minutes=7), 0.5) == timedelta(minutes=7)
    assert terms.pause(4, timedelta(seconds=1), 0.5) == timedelta(minutes=30)
    assert terms.pause(1, timedelta(days=400), 0.5) == timedelta(hours=24)


@pytest.mark.parametrize(
    "kind", ["*", "release.*", "release.published", "grant.*", "grant.changes_requested", "quota.threshold"]
)
def test_known_kinds_and_groups_can_be_asked_for(kind: str) -> None:
    assert check_kinds([kind, kind]) == (kind,)


@pytest.mark.parametrize(
    "kind", ["", "release", "release.publish", "*.published", "weather.*", "release.**", "grant.", "Key.revoked"]
)
def test_what_is_never_announced_is_refused(kind: str) -> None:
    with pytest.raises(InvalidRequest):
        check_kinds([kind])


@pytest.mark.parametrize("text", ["", "msg_", "msg_123", "msg_" + "g" * 32, "0" * 36])
def test_an_id_of_a_message_has_one_shape(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_message_name(text)
