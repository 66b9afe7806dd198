"""Relay's own tools take our SDL: the lint finds nothing, and the compiler makes artifacts of connection fragments."""

from pathlib import Path
from typing import Any

import pytest
from tests.node_tools import run_node
from tests.schema.registries import small_registry

from publicgsb.schema.types.graft import graft, static_schema

pytestmark = pytest.mark.prove

APP = """
import { graphql } from 'relay-runtime';

export const fragment = graphql`
  fragment App_airports on Air
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
    airports(first: $count, after: $cursor, orderBy: CITY_ASC) @connection(key: "App_airports") {
      totalCount
      edges {
        node {
          icao
          ...App_departures
        }
      }
    }
  }
`;

export const departures = graphql`
  fragment App_departures on AirAirport {
    departures(first: 5) @connection(key: "App_departures") {
      edges { node { number destAirport { city } } }
    }
  }
`;

export const query = graphql`
  query AppQuery($count: Int!, $cursor: String) {
    air { ...App_airports @arguments(count: $count, cursor: $cursor) }
  }
`;
"""


@pytest.fixture(scope="module")
def sdl() -> str:
    return graft(small_registry(), static_schema()).sdl()


def lint(folder: Path, sdl: str) -> list[dict[str, Any]]:
    file = folder / "schema.graphql"
    file.write_text(sdl, encoding="utf-8")
    found = run_node("relay_lint.js", str(file))
    assert len(found["rules"]) == 4
    messages: list[dict[str, Any]] = found["messages"]
    assert {one["excepted"] for one in messages} >= set(range(len(found["exceptions"]))), "an exception that none needs"
    return [one for one in messages if one["excepted"] is None]


def compile_(folder: Path, sdl: str, app: str = APP) -> dict[str, Any]:
    (folder / "src").mkdir()
    (folder / "src" / "App.js").write_text(app, encoding="utf-8")
    (folder / "schema.graphql").write_text(sdl, encoding="utf-8")
    done: dict[str, Any] = run_node("relay_compile.js", str(folder))
    return done


def test_the_lint_finds_nothing_in_our_sdl_but_the_exceptions_with_a_reason(tmp_path: Path, sdl: str) -> None:
    assert lint(tmp_path, sdl) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("  hasNextPage: Boolean!\n", "  hasNext: Boolean!\n", "relay-page-info"),
        ("  edges: [AirAirportEdge!]!\n", "  lines: [AirAirportEdge!]!\n", "relay-connection-types"),
        ("  cursor: String!\n", "  place: String!\n", "relay-edge-types"),
        ("    after: String\n", "    behind: String\n", "relay-arguments"),
        ("    last: Int\n", "    least: Int\n", "relay-arguments"),
        ("  nodes: [AirAirport!]!\n", "  nodes: [AirAirportKey!]!\n", "relay-edge-types"),
        ("  nodes: [AirAirport!]!\n", "  nodes: [AirAirport!]!\n  all: [AirAirport!]!\n", "relay-edge-types"),
        ("  iata: String\n", "  iata: String\n  id: ID!\n", "relay-edge-types"),
    ],
)
def test_the_lint_would_find_what_is_wrong(tmp_path: Path, sdl: str, old: str, new: str, rule: str) -> None:
    assert old in sdl
    assert f"@graphql-eslint/{rule}" in {one["ruleId"] for one in lint(tmp_path, sdl.replace(old, new))}


def test_the_compiler_makes_artifacts_of_connections_at_the_root_and_below(tmp_path: Path, sdl: str) -> None:
    done = compile_(tmp_path, sdl)
    assert done["status"] == 0, done["output"]
    assert done["made"] == ["AppQuery.graphql.js", "App_airports.graphql.js", "App_departures.graphql.js"]


def test_the_compiler_refuses_a_connection_on_what_is_none(tmp_path: Path, sdl: str) -> None:
    done = compile_(tmp_path, sdl, APP.replace("edges { node { number", "nodes { ... on FlyFlight { number"))
    assert done["status"] != 0
    assert "connection" in done["output"]
