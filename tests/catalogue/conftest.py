"""A small sound catalogue on disk, and a way to break one line of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from endplate.catalogue import Catalogue

SMALL = {
    "sources.toml": """
[[source]]
id = "paper"
citation = "Author 2020"
address = "example.org/paper"
kind = "study"
read = "abstract"

[[source]]
id = "memory"
citation = "Quoted from memory"
kind = "study"
read = "recall"
""",
    "products.toml": """
[[product]]
id = "toxin_a"
name = "toxinA"
brands = ["Brand"]
serotype = "A"
form = "powder"
vials_u = [100]
stabilisers = [{ name = "albumin", mg = 0.5, per_u = 100, amount_source = "paper", amount_checked = true }]
complexing_proteins = true
toxin_pg_per_u = { value = 5.0, unit = "pg/U", low = 4, high = 6, grade = "C", source = "paper", checked = true }
storage = [{ low_c = 2, high_c = 8, jurisdiction = "us", source = "memory", checked = false }]
use_within = [{ hours = 24, jurisdiction = "us", effective = 2020-01-01, source = "paper", checked = true }]
dilutions = [{ vial_u = 100, diluent_ml = 2.5, use = "face", source = "paper", checked = true }]
jurisdictions = ["us"]
status = "approved"
[product.evidence]
serotype = { source = "paper", checked = true }
form = { source = "paper", checked = true }
vials_u = { source = "paper", checked = true }
stabilisers = { source = "paper", checked = true }
complexing_proteins = { source = "paper", checked = true }
jurisdictions = { source = "paper", checked = true }
""",
    "patterns.toml": """
[[pattern]]
id = "lines.toxin_a"
title = "Lines"
indication = "lines"
product = "toxin_a"
jurisdiction = "us"
basis = "label"
effective = "unknown"
read_on = 2026-11-22
source = "paper"
checked = true
geometry_source = "memory"
geometry_checked = false
grade = "D"
label_total_u = 12
site_range_u = [2, 5]
note = "places declared"
sites = [
{id = "a", side = "midline", muscle = "procerus", landmark = "nasion", offset_mm = [0, 3], units = 4, volume_ml = 0.1 },
{ id = "b", side = "left", muscle = "procerus", landmark = "nasion", offset_mm = [3, 3], units = 4, volume_ml = 0.1 },
{ id = "c", side = "right", muscle = "medial_rectus", along = 0.45, units = 4, volume_ml = 0.1 },
]
""",
    "parameters.toml": """
[[parameter]]
id = "spread.width"
name = "a width"
unit = "mm^2/s"
value = 2.0
low = 1.0
high = 3.0
scale = "log"
grade = "D"
source = "memory"
where = "nowhere"
checked = false
species = "none"
drawn = true
note = "declared"

[[parameter]]
id = "anatomy.depth"
name = "a depth"
unit = "mm"
value = 4.0
low = 2.0
high = 8.0
scale = "log"
grade = "D"
source = "paper"
where = "abstract"
checked = true
species = "human"
drawn = true
note = "class prior"
""",
    "muscles.toml": """
[[muscle]]
id = "procerus"
name = "Procerus"
group = "face"
muscle_class = "mimic"
side_kind = "midline"
nerve = "facial (VII)"
antagonists = ["medial_rectus"]
origin = "bone"
insertion = "skin"
source = "memory"
checked = false
[muscle.dimensions]
length_mm = { value = 20, low = 10, high = 30, grade = "A", source = "paper", checked = true }
width_mm = { value = 10, low = 8, high = 12, grade = "A", source = "paper", checked = true }
thickness_mm = { value = 1.5, low = 1, high = 2, grade = "A", source = "paper", checked = true }
depth_mm = { value = 4, low = 2, high = 8, grade = "D", source = "paper", checked = false, prior = "anatomy.depth" }
[muscle.facts]
vein = { value = 5, unit = "mm", low = 3, high = 7, grade = "A", source = "paper", checked = true }

[[muscle]]
id = "medial_rectus"
name = "Medial rectus"
group = "eye"
muscle_class = "eye"
side_kind = "paired"
nerve = "oculomotor (III)"
origin = "ring"
insertion = "globe"
source = "memory"
checked = false
[muscle.dimensions]
length_mm = { value = 38, low = 30, high = 45, grade = "A", source = "paper", checked = true }
width_mm = { value = 8, low = 6, high = 10, grade = "A", source = "paper", checked = true }
thickness_mm = { value = 3, low = 2, high = 4, grade = "D", source = "paper", checked = false, note = "declared here" }
depth_mm = { value = 26, low = 20, high = 34, grade = "A", source = "paper", checked = true }
""",
    "evidence_muscle.toml": """
[[observation]]
id = "paper.loss"
row = "V1"
source = "paper"
species = "human"
preparation = "procerus"
n = 10
product = "toxin_a"
units = 5
endpoint = "loss of force"
day = 14
value = 0.6
low = 0.5
high = 0.7
unit = "1"
error = 0.05
error_basis = "declared"
use = "calibrate"
checked = true
""",
    "endpoints.toml": """
[[endpoint]]
id = "clear"
name = "clear"
definition = "At the visit the investigator grades 0 or 1."
family = "none_mild"
kind = "grade"
areas = ["glabella"]
scale = "0-3"
raters = ["investigator"]
at_most = 1
statistic = "share"
unit = "1"

[[endpoint]]
id = "lost"
name = "time to loss"
definition = "Median weeks until the investigator grades 2 or 3, among those clear at week 4."
family = "duration"
kind = "duration"
areas = ["glabella"]
scale = "0-3"
raters = ["investigator"]
at_most = 1
among = "clear"
among_day = 28
rule = "above"
statistic = "median"
unit = "weeks"
""",
    "studies.toml": """
[[study]]
id = "trial_one"
title = "toxinA in lines"
sources = ["paper", "memory"]
rows = ["C1"]
areas = ["glabella", "neck"]
visits_days = [7, 30]
[[study.arm]]
id = "active"
product = "toxin_a"
pattern = "lines.toxin_a"
scale = 2.0
units_total = 24
n = 40
[[study.arm]]
id = "placebo"
product = "placebo"
n = 20
""",
    "results.toml": """
[[result]]
id = "c1.clear.active"
study = "trial_one"
arm = "active"
kind = "active"
area = "glabella"
row = "C1"
endpoint = "clear"
day = 30
value = 0.675
unit = "1"
n = 40
events = 27
tag = "seen"
checked = true
source = "paper"
use = "calibrate"

[[result]]
id = "c1.clear.placebo"
study = "trial_one"
arm = "placebo"
kind = "placebo"
area = "neck"
row = "C1"
measure = "turning of the head"
value = 3.0
unit = "points"
tag = "recall"
checked = false
source = "memory"
use = "not_modelled"
reason = "no neck"
""",
    "adverse.toml": """
[[unwanted]]
id = "unwanted.droop"
effect = "droop"
product = "toxin_a"
area = "glabella"
units = 12
study = "trial_one"
definition = "all_cause"
events = 2
n = 40
placebo_share = 0.05
placebo_n = 20
mechanism = true
tag = "seen"
checked = true
source = "paper"
""",
}


def _write(folder: Path, tables: dict[str, str]) -> Catalogue:
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Catalogue(folder)


@pytest.fixture
def small(tmp_path: Path) -> Catalogue:
    """The small catalogue, sound."""
    return _write(tmp_path, SMALL)


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[str, str, str], Catalogue]:
    """The small catalogue with the first `old` of one file replaced by `new`."""

    def break_it(file: str, old: str, new: str) -> Catalogue:
        assert old in SMALL[file], f"{file} does not hold {old!r}"
        return _write(tmp_path, {**SMALL, file: SMALL[file].replace(old, new, 1)})

    return break_it
