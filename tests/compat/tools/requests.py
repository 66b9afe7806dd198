"""Python with requests and nothing else."""

from tests.compat.asking import CHECKED, check_answer
from tests.compat.environments import pinned
from tests.compat.ground import Ground
from tests.compat.tool import Kind, Tool

SNIPPET = """
import json, os, requests

url, key = os.environ["PGSB_URL"] + "/graphql", {"X-API-Key": os.environ["PGSB_API_KEY"]}
asked = {"query": open("question.graphql", encoding="utf-8").read(), "variables": json.load(open("variables.json"))}
data = requests.post(url, json=asked, headers=key).json()["data"]
"""


def check(ground: Ground, snippet: str) -> None:
    check_answer(ground.python(snippet, "print(json.dumps(data))", "terminal"))


TOOL = Tool("requests", Kind.ASKING, lambda _: pinned("terminal", "requests"), "python", SNIPPET, CHECKED, check)
