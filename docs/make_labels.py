"""Write the table of docs/labels.md: which labels are held, their dates, how much of each was read.

usage: python docs/make_labels.py
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from endplate.catalogue import catalogue
from endplate.catalogue.labels import Label, Rule, all_labels

PAGE = Path(__file__).with_name("labels.md")
BEGIN, END = "<!-- labels:begin -->\n", "<!-- labels:end -->"


def table() -> str:
    """One row for each text of a label, by product."""
    heads = [
        "label",
        "date of the text",
        "uses",
        "rules read",
        "read in another text",
        "from memory",
        "not read",
    ]
    products = list(catalogue().products)
    labels = sorted(all_labels().values(), key=lambda one: products.index(one.product))
    lines = [heads, ["---"] * len(heads), *(row(one) for one in labels)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n\n" + counts(labels) + "\n"


def row(label: Label) -> list[str]:
    read, other, memory = shares(label.rule)
    return [
        f"{label.brand}, {label.jurisdiction.upper()} (`{label.id}`)",
        dated(label),
        ", ".join(one.indication.replace("_", " ") for one in label.use),
        str(read),
        str(other),
        str(memory),
        "nothing: the text is whole" if label.whole else label.missing or "",
    ]


def dated(label: Label) -> str:
    """The date of a text and, where it has none, since when the brand was approved there."""
    since = "" if label.not_before is None else f"; not before {label.not_before.isoformat()}"
    return label.dated + since


def counts(labels: list[Label]) -> str:
    """All labels in one sentence."""
    rules = [rule for label in labels for rule in label.rule]
    (read, other, memory), whole = shares(rules), sum(label.whole for label in labels)
    return (
        f"In all {len(labels)} texts with {len(rules)} rules: {read} read as texts of that label, {other} read in "
        f"another text (of another country, date or brand) and {memory} from memory. Whole texts: {whole or 'none'}."
    )


def shares(rules: Sequence[Rule]) -> tuple[int, int, int]:
    """How many rules were read, were read in another text, and are quoted from memory."""
    other = sum(rule.elsewhere is not None for rule in rules)
    read = sum(rule.checked for rule in rules) - other
    return read, other, len(rules) - read - other


def written(page: str) -> str:
    """The page with its table as the data give it."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
