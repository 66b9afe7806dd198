"""A dataset whose every record says of which edition it is, so that an answer out of two editions gives itself away."""

from pathlib import Path

from tests.schema.worlds import COMMON

AGENCY, DATASET = "air", "marks"
NAME = f"{AGENCY}/{DATASET}"
GROUPS = 20

GROUPS_CONTRACT = (
    COMMON
    + """
agency: air
dataset: groups
recordName: Group
title: { fa: "گروه‌ها", en: "Groups" }
primaryKey: [group_code]
fields:
  - { name: group_code, type: string, label: { fa: "کد", en: "Code" }, constraints: { required: true }, filters: [eq] }
"""
)
MARKS_CONTRACT = (
    COMMON
    + """
agency: air
dataset: marks
recordName: Mark
title: { fa: "نشانه‌ها", en: "Marks" }
primaryKey: [code]
orderings: [words]
fields:
  - { name: code, type: string, label: { fa: "کد", en: "Code" }, constraints: { required: true }, filters: [eq] }
  - { name: edition, type: integer, label: { fa: "نسخه", en: "Edition" }, constraints: { required: true } }
  - { name: group_code, type: string, label: { fa: "گروه", en: "Group" }, constraints: { required: true } }
  - { name: words, type: string, label: { fa: "واژه‌ها", en: "Words" }, filters: [eq, contains] }
links:
  - name: group
    fields: [group_code]
    to: air/groups
    toFields: [group_code]
    reverse: marks
    label: { fa: "گروه", en: "Group" }
"""
)
GROUP_ROWS = "group_code\n" + "".join(f"G{number:02}\n" for number in range(GROUPS))


def rows(edition: int, count: int) -> str:
    """Editions share their first codes, and each is one record longer than the last."""
    lines = (
        f"{number:06},{edition},G{number % GROUPS:02},mark {number * 7_919 % 1_000_003} of {edition}\n"
        for number in range(count + edition)
    )
    return "code,edition,group_code,words\n" + "".join(lines)


def write(folder: Path, edition: int, count: int) -> Path:
    path = folder / f"edition-{edition}.csv"
    path.write_text(rows(edition, count), encoding="utf-8")
    return path
