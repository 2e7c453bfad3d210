"""Lists of catalogue entries as tables: few columns a kind, fitted to the terminal, plain when piped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from endplate.report import numerals

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """What a column is called and what it shows of a record.

    Attributes:
        wraps: text that may run over several lines; other cells stay on one while there is room.
        spare: left out first where the terminal is narrow (the highest number goes first; 0 stays).
        right: numbers stand to the right.
    """

    heading: str
    text: Callable[[Row], str]
    wraps: bool = False
    spare: int = 0
    right: bool = False


def _of(name: str) -> Callable[[Row], str]:
    return lambda row: cell(row.get(name))


def _range(row: Row) -> str:
    return f"{cell(row.get('low'))}\u2013{cell(row.get('high'))}"


def _units(row: Row) -> str:
    return numerals.plain(sum(site["units"] for site in row["sites"]))


def _observed(row: Row) -> str:
    """The number as printed, its interval, or the bound."""
    value, low, high = row.get("value"), row.get("low"), row.get("high")
    if value is not None:
        return cell(value)
    if low is not None and high is not None:
        return _range(row)
    return f"\u2265 {cell(low)}" if low is not None else f"\u2264 {cell(high)}" if high is not None else ""


def _arms(row: Row) -> str:
    return str(len(row["arm"]))


def _result(row: Row) -> str:
    """As printed: a bound with its sign, a unit where it is not a share."""
    bound = {"at_least": "\u2265 ", "at_most": "\u2264 "}.get(row.get("bound") or "", "")
    unit = "" if row.get("unit") in (None, "1") else f" {row['unit']}"
    return "" if row.get("value") is None else f"{bound}{cell(row['value'])}{unit}"


def _reported(row: Row) -> str:
    """Events of people, or the printed share."""
    if row.get("events") is not None:
        return f"{row['events']}/{cell(row.get('n'))}"
    share = "" if row.get("share") is None else numerals.percent(row["share"])
    return f"{share} of {row['n']}" if share and row.get("n") else share


def _levels(row: Row) -> str:
    return "; ".join(f"{one['level']} ({one['by']})" for one in row["evidence"])


def _scale(row: Row) -> str:
    return f"{row['lowest']}\u2013{row['highest']}, from {row['entry']}"


COLUMNS: dict[str, tuple[Column, ...]] = {
    "products": (
        Column("id", _of("id")),
        Column("name", _of("name"), spare=1),
        Column("serotype", _of("serotype")),
        Column("form", _of("form")),
        Column("vials, U", _of("vials_u"), wraps=True),
    ),
    "labels": (
        Column("id", _of("id")),
        Column("product", _of("product"), spare=3),
        Column("where", _of("jurisdiction")),
        Column("date", _of("dated")),
        Column("rules", _of("rules"), spare=1, right=True),
        Column("from memory", _of("unread"), right=True),
        Column("whole", _of("whole"), spare=2),
    ),
    "indications": (
        Column("id", _of("id")),
        Column("name", _of("name"), wraps=True),
        Column("kind", _of("kind")),
        Column("evidence", _levels, wraps=True, spare=1),
    ),
    "targets": (
        Column("id", _of("id")),
        Column("name", _of("name"), wraps=True),
        Column("region", _of("region")),
    ),
    "conditions": (
        Column("id", _of("id")),
        Column("kind", _of("kind")),
        Column("also written", _of("words"), wraps=True),
        Column("groups", _of("groups"), wraps=True, spare=1),
    ),
    "checks": (
        Column("id", _of("id")),
        Column("severity", _of("severity")),
        Column("value", _of("value"), right=True),
        Column("unit", _of("unit")),
        Column("says", _of("says"), wraps=True, spare=1),
    ),
    "zones": (
        Column("id", _of("id")),
        Column("name", _of("name"), wraps=True, spare=2),
        Column("landmark", _of("landmark"), spare=3),
        Column("lateral, mm", _of("lateral_mm")),
        Column("up, mm", _of("up_mm")),
        Column("grade", _of("grade")),
        Column("says", _of("says"), wraps=True, spare=1),
    ),
    "patterns": (
        Column("id", _of("id")),
        Column("indication", _of("indication"), spare=2),
        Column("product", _of("product"), spare=3),
        Column("where", _of("jurisdiction"), spare=1),
        Column("sites", lambda row: str(len(row["sites"])), right=True),
        Column("units", _units, right=True),
        Column("grade", _of("grade")),
    ),
    "muscles": (
        Column("id", _of("id")),
        Column("group", _of("group"), spare=2),
        Column("class", _of("muscle_class"), spare=1),
        Column("nerve", _of("nerve"), wraps=True),
        Column("action units", _of("action_units"), wraps=True),
    ),
    "parameters": (
        Column("id", _of("id")),
        Column("value", _of("value"), right=True),
        Column("5\u201395 %", _range, right=True),
        Column("unit", _of("unit"), spare=1),
        Column("grade", _of("grade")),
        Column("source", _of("source"), spare=2),
        Column("name", _of("name"), wraps=True, spare=3),
    ),
    "evidence": (
        Column("id", _of("id")),
        Column("observed", _observed, right=True),
        Column("unit", _of("unit"), spare=1),
        Column("use", _of("use")),
        Column("source", _of("source"), spare=2),
        Column("endpoint", _of("endpoint"), wraps=True, spare=3),
    ),
    "studies": (
        Column("id", _of("id")),
        Column("areas", _of("areas"), wraps=True, spare=1),
        Column("arms", _arms, right=True),
        Column("title", _of("title"), wraps=True),
    ),
    "endpoints": (
        Column("id", _of("id")),
        Column("family", _of("family"), spare=1),
        Column("definition", _of("definition"), wraps=True),
    ),
    "results": (
        Column("id", _of("id")),
        Column("product", _of("product"), spare=1),
        Column("units", _of("units_total"), spare=2, right=True),
        Column("value", _result, right=True),
        Column("n", _of("n"), spare=3, right=True),
        Column("use", _of("use")),
        Column("source", _of("source"), spare=4),
    ),
    "adverse": (
        Column("id", _of("id")),
        Column("effect", _of("effect"), spare=3),
        Column("area", _of("area"), spare=2),
        Column("product", _of("product"), spare=1),
        Column("reported", _reported, right=True),
        Column("definition", _of("definition"), spare=4),
        Column("source", _of("source"), spare=5),
    ),
    "areas": (
        Column("id", _of("id")),
        Column("reads", _of("reads")),
        Column("grades", _scale),
        Column("muscles", _of("muscles"), wraps=True),
        Column("grade", _of("grade")),
    ),
    "sources": (
        Column("id", _of("id")),
        Column("read", _of("read"), spare=1),
        Column("citation", _of("citation"), wraps=True),
    ),
}
WRAPPED_LEAST, GAP = 22, 2


def print_rows(
    title: str, rows: Sequence[Row], kind: str | None = None, columns: Sequence[Column] | None = None
) -> None:
    """Records as a table: on a terminal fitted to its width, else one line a record with two spaces between.

    Args:
        kind: a kind of catalogue entry (`products`, `patterns`, ...) chooses its columns; None shows every field.
        columns: what to show, for records that are not of the catalogue.
    """
    import sys

    columns = columns or COLUMNS.get(kind or "") or _every(rows)
    if sys.stdout.isatty():
        from rich.console import Console

        console = Console()
        console.print(table(title, columns, rows, console.width))
        return
    print(title)
    lines = [[c.heading for c in columns], *([c.text(row) for c in columns] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for line in lines:
        print(
            "  ".join(_padded(text, w, c) for text, w, c in zip(line, widths, columns, strict=True)).rstrip()
        )


def cell(value: Any) -> str:
    """A value as text on one line; nothing for None, lists and mappings written out in words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return numerals.plain(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {cell(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(cell(item) for item in value)
    return " ".join(str(value).split())


def _every(rows: Sequence[Row]) -> tuple[Column, ...]:
    """One column for each field of the records."""
    names = dict.fromkeys(key for row in rows for key in row)
    return tuple(Column(name, _of(name), wraps=True) for name in names)


def _padded(text: str, width: int, column: Column) -> str:
    return text.rjust(width) if column.right else text.ljust(width)


def fitting(columns: Sequence[Column], rows: Sequence[Row], width: int) -> list[Column]:
    """The columns that have room in a terminal of this width."""
    kept = list(columns)
    while _least(kept, rows) > width and any(c.spare for c in kept):
        kept.remove(max(kept, key=lambda c: c.spare))
    return kept


def _least(columns: Sequence[Column], rows: Sequence[Row]) -> int:
    """Width that these columns need when only what may wrap is wrapped."""
    needed = [max([len(c.heading), *(len(c.text(row)) for row in rows)]) for c in columns]
    least = (min(n, WRAPPED_LEAST) if c.wraps else n for n, c in zip(needed, columns, strict=True))
    return sum(least) + GAP * len(columns)


def table(title: str, columns: Sequence[Column], rows: Sequence[Row], width: int) -> Any:
    """Records as a rich table for a terminal of this width (rich is loaded here)."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    kept = fitting(columns, rows, width)
    roomy = _least(kept, rows) <= width
    drawn = Table(
        title=escape(title),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column in kept:
        drawn.add_column(
            escape(column.heading),
            justify="right" if column.right else "left",
            no_wrap=roomy and not column.wraps,
            overflow="fold",
        )
    for row in rows:
        drawn.add_row(*(escape(column.text(row)) for column in kept))
    return drawn
