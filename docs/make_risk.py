"""Draw the pictures of docs/risk.md again: `python docs/make_risk.py` (some minutes)."""

from __future__ import annotations

from pathlib import Path

from endplate.assess import compare, prepared, replay, risk
from endplate.assess.causes import cause_of
from endplate.assess.histograms import reached_of
from endplate.plan import read_plan, scale_units, scale_volumes
from endplate.report.compare_picture import compare_figure
from endplate.report.files import write_whole
from endplate.report.published import published_for
from endplate.report.replay_picture import replay_figure
from endplate.report.risk_picture import risk_figure
from endplate.report.why_picture import why_figure

HERE = Path(__file__).parent
PLAN = HERE.parent / "examples" / "glabellar-lines.toml"
DOTS_PER_INCH = 110


def main() -> None:
    plan = read_plan(PLAN)
    found = risk(plan)
    half, twice = (
        scale_units(plan, factor).model_copy(update={"title": f"{words} the units"})
        for factor, words in ((0.5, "Half"), (2.0, "Twice"))
    )
    less, more = (
        scale_volumes(plan, factor).model_copy(update={"title": f"The same units in {factor:g} x the volume"})
        for factor in (0.25, 4.0)
    )
    drawn = {
        "risk-glabella": risk_figure(found, reached_of(found.mechanism), published_for(plan)),
        "why-glabella": why_figure(cause_of(plan, found.mechanism, "eyelid_ptosis"), prepared(plan, None, 1)),
        "replay-glabella": replay_figure(replay(plan, 200)),
        "compare-glabella": compare_figure(compare([plan, half, twice])),
        "volumes-glabella": compare_figure(compare([plan, less, more])),
    }
    for name, canvas in drawn.items():
        write_whole(HERE / "images" / f"{name}.png", canvas.png(DOTS_PER_INCH))
        print(f"wrote images/{name}.png")


if __name__ == "__main__":
    main()
