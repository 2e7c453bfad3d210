"""Write the table of docs/labels.md: which labels are held, their dates, how much of each was read.

usage: python docs/make_labels.py
"""

from __future__ import annotations

from pathlib import Path

from endplate.catalogue import catalogue
from endplate.catalogue.labels import Label, all_labels

PAGE = Path(__file__).with_name("labels.md")
BEGIN, END = "<!-- labels:begin -->\n", "<!-- labels:end -->"


def table() -> str:
    """One row for each text of a label, by product."""
    heads = ["label", "date of the text", "uses", "rules read", "rules from memory", "not read"]
    products = list(catalogue().products)
    labels = sorted(all_labels().values(), key=lambda one: products.index(one.product))
    lines = [heads, ["---"] * len(heads), *(row(one) for one in labels)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n\n" + counts(labels) + "\n"


def row(label: Label) -> list[str]:
    read = sum(rule.checked for rule in label.rule)
    return [
        f"{label.brand}, {label.jurisdiction.upper()} (`{label.id}`)",
        label.dated,
        ", ".join(one.indication.replace("_", " ") for one in label.use),
        str(read),
        str(len(label.rule) - read),
        "nothing: the text is whole" if label.whole else label.missing or "",
    ]


def counts(labels: list[Label]) -> str:
    """All labels in one sentence."""
    rules = [rule for label in labels for rule in label.rule]
    read, whole = sum(rule.checked for rule in rules), sum(label.whole for label in labels)
    return (
        f"In all {len(labels)} texts with {len(rules)} rules, {read} of them read and {len(rules) - read} from memory. "
        f"Whole texts: {whole or 'none'}."
    )


def written(page: str) -> str:
    """The page with its table as the data give it."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
