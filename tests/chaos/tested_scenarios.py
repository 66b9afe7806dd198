"""The rows that tests of make prove measure: the same tests, and here what they told of it."""

from tests.chaos.by_tests import play_tests
from tests.chaos.ground import Ground
from tests.chaos.report.finding import Finding, at_most

P50_MS_MAX, P99_MS_MAX, T_MAX = 50, 500, 4.5


async def six_policies(ground: Ground) -> Finding:
    name = (
        "test_a_refused_policy_leaves_the_other_five_as_they_were"
        if ground.is_short
        else "test_ten_thousand_random_cases_agree_with_the_model"
    )
    played = await play_tests(ground, f"tests/quotas/test_six_policies.py::{name}")
    cases = "120" if ground.is_short else "10,002"
    return Finding(
        did=f"{cases} random cases (hypothesis, derandomised) of takes and settlements under six policies of which one "
        "has little room, each step and the stores in the end held against a model in memory",
        claims=(played.claim("cases in which anything differs from the model", "0"),),
        figures=(f"refused by {played.figures['refusals']}",) if "refusals" in played.figures else (),
        seed=0,
    )


async def revocations(ground: Ground) -> Finding:
    asked = 100 if ground.is_short else 10_000
    played = await play_tests(ground, "tests/journeys/test_revocation_barrier.py", REVOCATIONS=str(asked))
    return Finding(
        did=f"{asked:,} keys made, used on each of 8 workers of `gsb serve`, revoked, 8 at a time, and used on "
        "until every worker has refused them",
        claims=(
            played.claim("served late", "0"),
            at_most("barrier p50", played.number("barrier_p50_ms"), P50_MS_MAX, " ms"),
            at_most("barrier p99", played.number("barrier_p99_ms"), P99_MS_MAX, " ms"),
        ),
        figures=(f"{played.number('revocations'):,.0f} revocations", f"{played.number('requests'):,.0f} requests"),
    )


async def rotation(ground: Ground) -> Finding:
    asked = 2 if ground.is_short else 50
    played = await play_tests(ground, "tests/journeys/test_rotation.py", ROTATIONS=str(asked))
    return Finding(
        did=f"a key rotated {asked} times while 6 connections to 2 workers ask without a pause, with the old secret "
        "and the new one in turns until the old one is revoked",
        claims=(played.claim("calls that failed", "0"),),
        figures=(f"{played.number('calls'):,.0f} calls",),
    )


async def many_keys(ground: Ground) -> Finding:
    played = await play_tests(ground, "tests/apikeys/test_many_keys.py")
    return Finding(
        did="1,000,000 keys drawn; 120 of them with every character changed, left out and added, neighbours swapped, "
        "cut at every length; 1,000,000 random damages of several characters",
        claims=(
            played.claim("duplicates", "0"),
            played.claim("one-character edits that pass for a key", f"0 of {played.number('edits'):,.0f}"),
        ),
        figures=(f"{played.number('different_keys'):,.0f} different keys",),
    )


async def scanner(ground: Ground) -> Finding:
    name = "test_no_source_text_of_the_machine_is_taken_for_a_key"
    played = await play_tests(ground, f"tests/apikeys/test_scan.py::{name}")
    return Finding(
        did="`gsb key scan` over the standard library and all that is installed for this project, up to 200 MB",
        claims=(played.claim("false hits", "0"),),
        figures=(f"{played.number('files'):,.0f} files, {played.number('megabytes'):,.0f} MB",),
    )


async def timing(ground: Ground) -> Finding:
    file = "tests/apikeys/test_timing.py"
    played = await play_tests(ground, f"{file}::test_an_unknown_id_and_a_wrong_secret_take_the_same_time")
    control = await play_tests(ground, f"{file}::test_the_measure_sees_one_hmac")
    return Finding(
        did="100,000 refusals of keys whose id does not exist and 100,000 with a wrong secret, in turns (ABBA, BAAB), "
        "by the thread's own processor time; up to 5 rounds with keys of their own, while all agree on a difference",
        claims=(
            at_most("Welch's t", played.number("welch_t"), T_MAX),
            control.claim("the same measure sees one HMAC more or less", "yes"),
        ),
        figures=(f"rounds: {played.number('rounds'):.0f}",),
    )


async def no_secret(ground: Ground) -> Finding:
    played = await play_tests(ground, "tests/journeys/test_no_secret.py", "tests/platform/test_logs.py")
    return Finding(
        did="good, unknown, forged, damaged and truncated keys and tokens sent to a served process in headers, paths, "
        "queries, bodies and documents; its log at the level debug, its figures and all answers searched",
        claims=(played.claim("parts of a secret found", "0"),),
        figures=(f"{played.number('answers_looked_at'):,.0f} answers",),
    )


async def tokens(ground: Ground) -> Finding:
    kids = "tests/apikeys/test_keyring_tokens.py::test_ten_thousand_unknown_kids_ask_nobody_and_leave_nothing"
    played = await play_tests(ground, "tests/apikeys/test_data_tokens.py", kids)
    return Finding(
        did="tokens with every other algorithm, the public key as HMAC secret, wrong kid, b64, crit, lists of "
        "audiences, prefixes of the issuer, times at the edge of a second, every flipped letter; 10,000 unknown kids "
        "with sockets and database closed",
        claims=(played.claim("answered other than 401, or asking anybody", "0"),),
        figures=(f"{played.tests} tests",),
    )


async def nginx(ground: Ground) -> Finding:
    played = await play_tests(ground, "tests/journeys/test_nginx.py")
    return Finding(
        did="four `gsb serve` processes behind nginx, 32 clients with one key: until a month of 3,000 points is used "
        "up; for 30 s against 300 points per 10 s; against three slots, while the table that they ask is locked",
        claims=(
            played.claim("points in answers, in the ledger and in the facts", f"{played.number('points'):,.0f} each"),
            at_most("most points in any true 10 s window", played.number("most_in_any_window"), 300),
            played.claim("most requests running at once", f"{played.number('most_at_once'):.0f} of 3"),
        ),
        figures=(
            f"{played.number('answers'):,.0f} answers of the month",
            f"{played.number('window_points'):,.0f} points in 30 s",
        ),
    )
