"""jose, the JWS library of Node and browsers, checks a signed answer by the published key set."""

from tests.compat.asking import CHECKED, check_answer
from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool
from tests.node_tools import version

SNIPPET = """
import { readFileSync } from "node:fs";
import { createLocalJWKSet, flattenedVerify } from "jose";

const { PGSB_URL, PGSB_API_KEY } = process.env;
const variables = JSON.parse(readFileSync("variables.json", "utf8"));
const body = JSON.stringify({ query: readFileSync("question.graphql", "utf8"), variables });
const headers = { "X-API-Key": PGSB_API_KEY, "Content-Type": "application/json", Prefer: "gsb-signature" };
const answer = await fetch(`${PGSB_URL}/graphql`, { method: "POST", headers, body });
const payload = new Uint8Array(await answer.arrayBuffer());
const [head, , signature] = answer.headers.get("GSB-Signature").split(".");
const keys = createLocalJWKSet(await (await fetch(`${PGSB_URL}/.well-known/jwks.json`)).json());
const { protectedHeader } = await flattenedVerify({ payload, protected: head, signature }, keys);
"""

PROOF = """
const altered = payload.map((byte, at) => (at === 20 ? byte ^ 1 : byte));
const again = flattenedVerify({ payload: altered, protected: head, signature }, keys);
const refused = await again.catch((error) => error.code);
const told = JSON.parse(new TextDecoder().decode(payload));
process.stdout.write(JSON.stringify({ data: told.data, id: told.extensions.requestId, protectedHeader, refused }));
"""


def check(ground: Ground, snippet: str) -> None:
    told = ground.node(snippet, PROOF)
    check_answer(told["data"])
    assert told["protectedHeader"]["requestId"] == told["id"]
    assert told["refused"] == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"


TOOL = Tool(
    "jose",
    Kind.AROUND,
    lambda _: version("jose"),
    "js",
    SNIPPET,
    f"{CHECKED}, and its signature; with one bit changed it is refused",
    check,
    "Compare `question` of the header with what you asked as well: [tokens.md](tokens.md) says how it is made.",
)
