"""That the limits which the bench compares are limits, each of them, on a store that counts. Never how fast."""

from pathlib import Path

import httpx2
import pytest
from benchmarks.guarding import guarded_by, store_bytes, store_of


@pytest.mark.parametrize(("kind", "fourth"), [("none", 200), ("slowapi", 429), ("moving", 429), ("ours", 429)])
async def test_each_of_them_refuses_the_fourth_request_of_an_address(state_dir: Path, kind: str, fourth: int) -> None:
    with (
        store_of(state_dir) as (_, store_port),
        guarded_by(kind, f"redis://127.0.0.1:{store_port}/0", "3/hour") as port,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        addresses = ["203.0.113.1"] * 4 + ["203.0.113.2"]
        answers = [http.get("/limited", headers={"x-forwarded-for": address}) for address in addresses]
        assert [answer.status_code for answer in answers] == [200, 200, 200, fourth, 200]
        assert (await store_bytes(store_port, 0) > 0) == (kind != "none")
