"""/.well-known/jwks.json: what anybody needs to check tokens and answers, and nothing more."""

import json

import jwt

from publicgsb.apikeys.model import OPERATOR
from publicgsb.apikeys.signing.sealing import Sealer
from publicgsb.apikeys.signing.service import SigningKeys
from publicgsb.platform.server.secrets import load_secrets
from publicgsb.platform.server.settings import Settings
from tests.app import Service
from tests.journeys.test_tokens import token_of

PATH = "/.well-known/jwks.json"


async def test_anybody_may_fetch_it_and_keep_it_for_five_minutes(service: Service) -> None:
    answer = await service.http.get(PATH)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=300")
    assert answer.headers["access-control-allow-origin"] == "*"
    (key,) = answer.json()["keys"]
    assert set(key) == {"kty", "crv", "use", "alg", "kid", "x"}  # never d
    same = await service.http.get(PATH, headers={"if-none-match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


async def test_any_library_checks_a_token_with_it(service: Service, key: str) -> None:
    token = await token_of(service, key)
    found = jwt.PyJWKSet.from_json((await service.http.get(PATH)).text)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, found, algorithms=["EdDSA"], audience="publicgsb:data", issuer="publicgsb")
    assert claims["key_id"] == key[5:13]


async def test_the_next_key_shows_before_it_signs_and_a_distrusted_one_no_more(
    service: Service, key: str, settings: Settings
) -> None:
    signing = SigningKeys(service.connections, Sealer(load_secrets(settings).pepper))
    (first,) = (await service.http.get(PATH)).json()["keys"]
    new = (await signing.rotate(OPERATOR)).new.kid
    answer = await service.http.get(PATH)
    assert [one["kid"] for one in answer.json()["keys"]] == [new, first["kid"]]
    token = await token_of(service, key)
    assert jwt.get_unverified_header(token)["kid"] == first["kid"]
    newest = (await signing.distrust(OPERATOR)).new.kid
    assert [one["kid"] for one in (await service.http.get(PATH)).json()["keys"]] == [newest]
    assert (await service.ask(token, "{ __typename }")).status_code == 401
    assert json.loads((await service.http.get(PATH)).text)["keys"][0]["alg"] == "EdDSA"
