"""graphql-codegen writes types of TypeScript for each document, and the compiler holds programs to them."""

import json

import pytest

from tests.compat.asking import CHECKED, check_answer
from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool
from tests.node_tools import version

SNIPPET = """
cat > codegen.mjs <<'JS'
const { PGSB_URL, PGSB_API_KEY } = process.env;
const scalars = { DateTime: "string", Date: "string", BigInt: "string", Decimal: "string" };
export default {
  schema: { [`${PGSB_URL}/graphql`]: { headers: { "X-API-Key": PGSB_API_KEY } } },
  documents: "question.graphql",
  generates: { "gsb/": { preset: "client", config: { scalars } } },
};
JS
npx graphql-codegen --config codegen.mjs
"""

PROGRAM = """
import { request } from "graphql-request";
import { KnownDocument } from "./gsb/graphql.js";

declare const process: { env: Record<string, string> };
const { PGSB_URL, PGSB_API_KEY } = process.env;
const data = await request({
  url: `${PGSB_URL}/graphql`,
  document: KnownDocument,
  variables: { country: "086", village: "0007020001004889", hour: "2013-01-01T06:00:00Z" },
  requestHeaders: { "X-API-Key": PGSB_API_KEY! },
});
const moment: string | undefined = data.meteorology?.weatherHour?.timeHour;
console.log(JSON.stringify(moment === undefined ? null : data));
"""

COMPILE = "npx tsc --strict --target es2022 --module nodenext --skipLibCheck --outDir built program.ts"


def check(ground: Ground, snippet: str) -> None:
    """Generated, compiled, run; and a field that is misspelt does not compile."""
    ground.with_modules()
    (ground.folder / "package.json").write_text(json.dumps({"type": "module"}))
    ground.shell(snippet)
    program = ground.folder / "program.ts"
    program.write_text(PROGRAM, encoding="utf-8")
    ground.shell(COMPILE)
    check_answer(json.loads(ground.shell("node built/program.js")))
    program.write_text(PROGRAM.replace("?.timeHour", "?.hourOfTime"), encoding="utf-8")
    with pytest.raises(AssertionError, match="hourOfTime"):
        ground.shell(COMPILE)


TOOL = Tool(
    "graphql-codegen",
    Kind.GENERATING,
    lambda _: f"{version('@graphql-codegen/cli')}, client preset {version('@graphql-codegen/client-preset')}",
    "sh",
    SNIPPET,
    f"{CHECKED}, by a program of strict TypeScript {version('typescript')}; a misspelt field does not compile",
    check,
    "`KnownDocument` carries the types of its variables and of its answer to Apollo Client, urql and graphql-request.",
)
