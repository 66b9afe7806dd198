"""The contracts of the oracle's world but that of its places."""

from typing import Any

from tests.schema.oracle.declared import big, dataset, field, link


def registers() -> dict[str, Any]:
    fields = [field("code", "string", "eq", required=True), field("title", "string", "eq")]
    return dataset("old", "registers", "Register", fields, primaryKey=["code"], orderings=["title"])


def provinces() -> dict[str, Any]:
    return dataset(
        "geo",
        "provinces",
        "Province",
        [
            field("code", "string", "eq", "in", "startsWith", required=True),
            field("name", "string", "eq", "in", "startsWith", "contains", "isNull"),
            big("population", "eq", "in", "range", "isNull"),
            field("area", "number", "eq", "in", "range", "isNull", format="decimal"),
            field("parent_code", "string", "eq", "isNull"),
            field("register_code", "string", "eq"),
        ],
        primaryKey=["code"],
        orderings=["name", "population", "area", {"name": "by_letter", "fields": ["name"], "alphabet": "persian"}],
        aggregates={"dimensions": ["register_code", "population"], "measures": ["population", "area"]},
        links=[
            link("parent", ["parent_code"], "geo/provinces", ["code"], "children"),
            link("register", ["register_code"], "old/registers", ["code"], "provinces"),
        ],
    )


def schools(*, is_late: bool = False) -> dict[str, Any]:
    fields = [
        field("code", "string", "eq", "in", "startsWith", required=True),
        big("registry_no", "eq", "in", "range", "isNull"),
        field("name", "string", "eq", "in", "startsWith", "contains", "range", required=True),
        field("province_code", "string", "eq", "in", "isNull"),
        field("founded", "date", "eq", "in", "range", "isNull"),
        field("opened_year", "year", "eq", "in", "range", "isNull"),
        field("rating", "number", "eq", "in", "range", "isNull"),
        field("pupils", "integer", "eq", "in", "range", "isNull"),
        field("is_public", "boolean", "eq", "isNull"),
        field("budget", "number", "eq", "in", "range", "isNull", format="decimal"),
        field("updated_at", "datetime", "eq", "in", "range", "isNull"),
        field("head", "string", access="withheld", legalGround="IR-FOI-14"),
    ]
    orderings: list[Any] = [
        *("name", "rating", "founded", "is_public", "updated_at", "budget", "registry_no", "opened_year"),
        {"name": "by_province", "fields": ["province_code", "pupils"]},
    ]
    links = [link("province", ["province_code"], "geo/provinces", ["code"], "schools")]
    dimensions = ["province_code", "is_public", "founded", "opened_year", "updated_at", "pupils"]
    measures = ["pupils", "registry_no", "rating", "budget"]
    more: dict[str, Any] = {"uniqueKeys": [["registry_no"]]}
    if is_late:
        fields += [
            field("badge", "string", "eq", "in", "startsWith", "isNull"),
            field("twin_code", "string", "eq", "isNull"),
        ]
        orderings.append("badge")
        links.append(link("twin", ["twin_code"], "edu/schools", ["code"], "twins"))
        dimensions.append("badge")
        more = {"uniqueKeys": [["registry_no"], ["badge"]], "version": "1.1.0", "search": ["name", "badge"]}
    more["aggregates"] = {"dimensions": dimensions, "measures": measures}
    return dataset("edu", "schools", "School", fields, primaryKey=["code"], orderings=orderings, links=links, **more)


def exams() -> dict[str, Any]:
    return dataset(
        "edu",
        "exams",
        "Exam",
        [
            field("school_code", "string", "eq", "in", required=True),
            field("held_on", "date", "eq", "range", required=True),
            field("subject", "string", "eq", "in", "startsWith", required=True),
            field("score", "number", "range", "isNull"),
            field("is_final", "boolean", "eq"),
        ],
        primaryKey=["school_code", "held_on", "subject"],
        orderings=["score", {"name": "day", "fields": ["held_on", "is_final"]}],
        aggregates={"dimensions": ["subject", "held_on", "is_final"], "measures": ["score"]},
        links=[link("school", ["school_code"], "edu/schools", ["code"], "exams")],
    )


def notes() -> dict[str, Any]:
    exam = ["school_code", "held_on", "subject"]
    return dataset(
        "edu",
        "notes",
        "Note",
        [
            field("text", "string", "eq", "startsWith", "isNull"),
            field("school_code", "string", "eq"),
            field("held_on", "date", "eq"),
            field("subject", "string", "eq"),
            big("writer_no", "eq", "isNull"),
        ],
        orderings=["text"],
        links=[
            link("exam", exam, "edu/exams", exam, "notes"),
            link("writer", ["writer_no"], "edu/schools", ["registry_no"], "written"),
        ],
        shortcuts=[
            {"name": "writers", "from": "exam", "to": "writer", "label": {"fa": "نویسندگان", "en": "Writers"}},
            {"name": "examsNoted", "from": "writer", "to": "exam", "label": {"fa": "آزمون‌ها", "en": "Exams"}},
        ],
    )
