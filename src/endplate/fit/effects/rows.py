"""What the calibration reads: treatments as plans, reported rates taken for an effect of the model, what is unknown.

The choices stand in `data/rows.toml`, the numbers in the catalogue (`adverse.toml`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from endplate.catalogue import catalogue
from endplate.catalogue.effects import Mechanism, mechanism
from endplate.errors import CatalogueError

FILE = Path(__file__).parent / "data" / "rows.toml"
AGE, SEX = 45, "female"  # of the people drawn, where a condition says nothing else
UPRIGHT = ("superior_rectus", "inferior_rectus", "superior_oblique", "inferior_oblique")


@dataclass(frozen=True)
class Setting:
    """One plan of a condition: patterns in one session.

    Attributes:
        product: of the session; another one than the patterns' takes their map alone, with `site_units` at each site.
        scale: of the patterns' units.
    """

    patterns: tuple[str, ...]
    product: str
    scale: float
    site_units: float | None
    guidance: str


@dataclass(frozen=True)
class Condition:
    """A treatment that reports speak of; several plans share the drawn faces between them."""

    id: str
    name: str
    age: int
    settings: tuple[Setting, ...]
    grade: str
    note: str


@dataclass(frozen=True)
class Row:
    """One reported rate.

    Attributes:
        events, n: as printed, or from a printed share; None where the number treated was not printed.
        rate: the share of them. background: id of what happens without toxin, or "".
        fit: whether it counts in the likelihood. why: what it is taken for, or why it does not count.
    """

    id: str
    condition: str
    effect: str
    level: str
    events: int | None
    n: int | None
    rate: float
    background: str
    fit: bool
    why: str
    tag: str
    per: str
    source: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.condition, self.effect, self.level


@dataclass(frozen=True)
class Table:
    """The whole file.

    Attributes:
        background: (events, n) of placebo arms, by id.
        unknowns: parameters that proposals move, by group. grids: those that sums hold, with the step of their grid.
    """

    conditions: Mapping[str, Condition]
    rows: tuple[Row, ...]
    background: Mapping[str, tuple[int, int]]
    unknowns: Mapping[str, tuple[str, ...]]
    grids: Mapping[str, float]
    settings: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """All unknown parameters, those of the proposals first."""
        return (*(name for group in self.unknowns.values() for name in group), *self.grids)

    @property
    def fitted(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.fit)


@lru_cache(maxsize=1)
def table() -> Table:
    """What `rows.toml` says, with the numbers of the catalogue.

    Raises:
        CatalogueError: a name that the catalogue does not hold, or a fitted row without a count.
    """
    raw = tomllib.loads(FILE.read_text("utf-8"))
    conditions = {one["id"]: _condition(one) for one in raw["condition"]}
    background = {one["id"]: _placebo(one["rows"]) for one in raw["background"]}
    rows = tuple(_row(one) for one in raw["row"])
    unknowns = {group: tuple(names) for group, names in raw["unknowns"].items()}
    found = Table(conditions, rows, background, unknowns, raw["grids"], raw["settings"])
    for name in found.names:
        catalogue().parameter(name)
    for row in rows:
        _check(row, found)
    return found


def _check(row: Row, whole: Table) -> None:
    effect_of(row.effect)
    faults = {
        f"there is no condition `{row.condition}`": row.condition not in whole.conditions,
        f"there is no background `{row.background}`": bool(row.background)
        and row.background not in whole.background,
        "it is to be fitted and has no count": row.fit and row.n is None,
        "it is to be fitted and was only recalled": row.fit and row.tag != "seen",
        f"the effect has no level `{row.level}`": row.level not in effect_of(row.effect).levels,
    }
    for fault, found in faults.items():
        if found:
            raise CatalogueError(f"{FILE.name}, row `{row.id}`: {fault}.")


def effect_of(name: str) -> Mechanism:
    """The mechanism of an effect; `vertical_deviation` is double vision by a muscle that moves the eye up or down."""
    if name != "vertical_deviation":
        return mechanism(name)
    return mechanism("diplopia").model_copy(update={"id": name, "muscles": UPRIGHT})


def _condition(raw: Mapping[str, Any]) -> Condition:
    settings = []
    for one in raw["plans"]:
        patterns = tuple(one["patterns"])
        product = one.get("product", catalogue().pattern(patterns[0]).product)
        settings.append(
            Setting(
                patterns,
                product,
                float(one.get("scale", 1.0)),
                one.get("site_units"),
                one.get("guidance", "none"),
            )
        )
    return Condition(
        raw["id"],
        raw["name"],
        raw.get("age", AGE),
        tuple(settings),
        raw.get("grade", ""),
        raw.get("note", ""),
    )


def _counts(one: Any) -> tuple[int | None, int | None]:
    """Events and number treated; a printed share gives the nearest count."""
    if one.n is None:
        return None, None
    return (one.events if one.events is not None else round(one.rate * one.n)), one.n


def _placebo(names: list[str]) -> tuple[int, int]:
    events = total = 0
    for one in map(catalogue().unwanted, names):
        n = one.placebo_n or 0
        events += (
            one.placebo_events if one.placebo_events is not None else round((one.placebo_rate or 0.0) * n)
        )
        total += n
    return events, total


def _row(raw: Mapping[str, Any]) -> Row:
    one = catalogue().unwanted(raw["id"])
    events, n = _counts(one)
    if "less" in raw:
        other_events, other_n = _counts(catalogue().unwanted(raw["less"]))
        events, n = (events or 0) - (other_events or 0), (n or 0) - (other_n or 0)
    return Row(
        id=one.id,
        condition=raw["condition"],
        effect=raw["effect"],
        level=raw.get("level", "seen"),
        events=events,
        n=n,
        rate=events / n if n and events is not None else float(one.rate or 0.0),
        background=raw.get("background", ""),
        fit=raw["fit"],
        why=raw.get("why", ""),
        tag=one.tag,
        per=one.per,
        source=one.source,
    )


def _site(setting: Setting, pattern: str, site: Any) -> dict[str, Any]:
    """One injection; units of one product never become those of another."""
    if setting.site_units is None:
        units = round(site.units * setting.scale, 4)
        return {"pattern": pattern, "site": site.id, "units": units, "volume_ml": site.volume_ml}
    found = {"id": site.id, "muscle": site.muscle, "side": site.side, "landmark": site.landmark}
    found |= {"offset_mm": list(site.offset_mm), "layer": site.layer}
    return found | {"units": setting.site_units, "volume_ml": site.volume_ml}


def plan_of(condition: Condition, setting: Setting) -> Any:
    """A setting as a plan: every site of its patterns, units scaled, volumes as printed."""
    from endplate.plan import plan_from_dict

    injections = [
        _site(setting, name, site) for name in setting.patterns for site in catalogue().pattern(name).sites
    ]
    session = {"date": "2026-01-05", "product": setting.product, "guidance": setting.guidance}
    session |= {
        "indication": sorted({catalogue().pattern(n).indication for n in setting.patterns}),
        "injections": injections,
    }
    patient = {"age": condition.age, "sex": SEX}
    return plan_from_dict(
        {
            "schema": "endplate/plan/1",
            "title": condition.name,
            "patient": patient,
            "sessions": [session],
        }
    )
