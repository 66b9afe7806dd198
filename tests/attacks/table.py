"""The table of known attacks on GraphQL servers, and which tests hold each; cases of a number stand in cases.py."""

from dataclasses import dataclass

_BAD_INPUT = "journeys/test_bad_input.py"
_CASES = "attacks/test_cases.py::test_every_case_of_a_number_gets_its_answer"


@dataclass(frozen=True, slots=True)
class Held:
    number: str
    attack: str
    tests: tuple[str, ...]  # file::function below tests/


TABLE: tuple[Held, ...] = (
    Held(
        "A1", "fragments that double at each level",
        (_CASES, "schema/planning/test_document.py::test_a_document_that_expands_to_astronomical_size_is_measured_and_refused"),
    ),
    Held("A2", "unknown fragments and empty selections", (_CASES, "schema/planning/test_document.py::test_each_bound_refuses_with_its_reason")),
    Held("A3", "misspelt names, for the suggestions", (_CASES, "schema/planning/test_document.py::test_a_hundred_misspelt_fields_cost_five_errors_and_no_suggestion")),
    Held("A4", "repeated fields and sibling fragments, for the overlap rule", (_CASES,)),
    Held("A5", "comments and strings without end", (_CASES, f"{_BAD_INPUT}::test_ten_mebibytes_are_refused_before_they_are_read")),
    Held(
        "A6", "introspection, full and circular",
        (_CASES, "schema/planning/test_introspection.py::test_a_shape_that_multiplies_is_refused_before_it_is_counted_out"),
    ),
    Held("A7", "aliases, fields and directives by the hundred", (_CASES,)),
    Held(
        "A8", "batches; hashes for another text; floods of persisted documents",
        (
            _CASES, "journeys/test_persisted.py::test_a_hash_gets_no_other_text_than_its_own",
            "attacks/test_floods.py::test_persisted_documents_of_one_application_do_not_grow_without_end",
        ),
    ),
    Held(
        "A9", "mutations by GET, forms and other content types",
        (
            _CASES, f"{_BAD_INPUT}::test_a_mutation_by_get_is_405_and_not_run",
            f"{_BAD_INPUT}::test_another_content_type_is_refused",
        ),
    ),
    Held("A10", "bodies that are no request", (_CASES, f"{_BAD_INPUT}::test_a_body_of_another_form_is_refused")),
    Held(
        "A11", "documents that nobody sent before, one after the other",
        (
            _CASES, "attacks/test_floods.py::test_each_new_document_costs_five_points_more_and_the_plans_stay_bounded",
            "schema/planning/test_cache.py::test_a_flood_of_large_documents_stays_within_its_memory",
        ),
    ),
    Held(
        "A12", "shapes of variables by the thousand",
        (
            _CASES, "attacks/test_floods.py::test_of_256_shapes_of_one_document_each_is_answered_right_and_sixteen_are_kept",
            "schema/planning/test_cache.py::test_statements_for_many_releases_are_not_kept_without_end",
        ),
    ),
    Held("A13", "nesting, and prices of all that reads", (_CASES,)),
    Held(
        "A14", "columns out of reach in a filter, an order, a group, a cursor or a link",
        (
            _CASES, "schema/planning/test_access.py::test_a_field_is_asked_for_in_every_role_that_it_can_have",
            "journeys/test_access.py::test_each_kind_of_key_reads_what_it_may_whoever_asked_before",
        ),
    ),
    Held("A15", "small cells and their differences", ("schema/sql/test_cells.py",)),
    Held("A16", "SQL in names, values, cursors, orders and patterns", (_CASES, "schema/sql/test_audit.py::test_what_must_never_be_emitted_is_seen")),
    Held(
        "A17", "cursors and numbers that nobody made",
        (
            _CASES, "schema/sql/test_cursor.py::test_any_changed_character_is_noticed",
            "attacks/test_floods.py::test_a_cursor_leads_nowhere_but_where_it_came_from",
        ),
    ),
    Held("A18", "empty filters and null", (_CASES, "schema/planning/test_planner.py::test_a_null_or_empty_condition_is_an_error_and_never_everything")),
    Held(
        "A19", "releases and contracts under load",
        ("journeys/test_swap_under_load.py::test_each_walk_sees_one_release_and_everybody_sees_a_new_one_once_it_is_announced",),
    ),
    Held(
        "A20", "slow readers, callers that leave, one key that wants every connection",
        (
            "attacks/test_shares.py::test_a_caller_that_does_not_read_holds_no_connection",
            "attacks/test_shares.py::test_a_caller_that_leaves_gives_its_connection_back_and_is_settled_once",
            "attacks/test_shares.py::test_one_key_cannot_take_what_answers_another",
            "attacks/test_sockets.py::test_callers_that_do_not_read_hold_up_neither_others_nor_their_own_key",
            "attacks/test_sockets.py::test_who_half_asks_on_two_hundred_connections_holds_up_nobody",
            "attacks/test_sockets.py::test_a_key_that_asks_on_forty_connections_takes_no_more_of_the_database_than_its_slots",
            "journeys/test_response_cap.py::test_the_limit_counts_all_root_fields_together",
            "journeys/test_response_cap.py::test_what_is_no_page_is_measured_too",
        ),
    ),
    Held("A21", "WebSockets", ("attacks/test_floods.py::test_a_websocket_is_closed_before_it_is_accepted",)),
    Held(
        "A22", "what errors tell of the inside",
        (_CASES, "journeys/test_error_shape.py::test_what_breaks_inside_is_told_as_internal_with_an_id_and_nothing_else"),
    ),
    Held(
        "A23", "kept answers of others",
        (
            _CASES, "journeys/test_kept.py::test_another_callers_kept_answer_is_not_for_one_without_a_key",
            "journeys/test_kept.py::test_a_withdrawn_dataset_is_refused_though_its_answer_was_kept",
            "journeys/test_get.py::test_rights_are_checked_before_a_tag_is_compared",
        ),
    ),
    Held("A24", "places that are none, and many lists around places", (_CASES, "schema/sql/test_near.py")),
    Held("A25", "aggregates by many groups, calendars and columns of different values", (_CASES, "schema/sql/test_aggregates.py")),
    Held("A26", "words that are long, odd or none", (_CASES, "schema/sql/test_search.py")),
    Held(
        "A27", "change feeds by the dozen, and of releases that are none",
        (_CASES, "attacks/test_floods.py::test_a_cursor_leads_nowhere_but_where_it_came_from"),
    ),
    Held(
        "A28", "releases that are none, and many at once",
        (_CASES, "schema/planning/test_cache.py::test_statements_for_many_releases_are_not_kept_without_end"),
    ),
    Held(
        "A29", "names of documents: of another form, of none, by the thousand",
        (_CASES, "attacks/test_floods.py::test_names_of_documents_that_nobody_kept_leave_nothing_behind"),
    ),
)  # fmt: skip
