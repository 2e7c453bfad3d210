"""Write docs/facts.md: what people read about botulinum toxin, judged, with what the simulations give.

usage: python docs/make_facts.py   (a quarter of a minute)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from endplate.catalogue import catalogue
from endplate.catalogue.statements import TOPICS, VERDICTS, Backing, Statement, statements
from endplate.check.facts import Fact, facts, shown_facts
from endplate.check.facts_plans import NOTE
from endplate.report.facts_picture import sheet
from endplate.report.facts_words import (
    FROM_MEMORY,
    MEANING,
    VERDICT_WORDS,
    memory_words,
    shown_heading,
    shown_words,
)
from endplate.report.files import write_whole

HERE = Path(__file__).parent
PAGE = HERE / "facts.md"
DOTS_PER_INCH = 110
PICTURES = {
    "facts-time": ("release", "esterase", "month", "interval", "doubling", "cure"),
    "facts-place": ("depth", "sites", "spread", "droop", "palsy", "cheek"),
}
# Statements whose simulation gives another verdict than the evidence; the page says so.
OTHERWISE = {"more_fluid"}
HEADINGS = ("**Simulated.** ", "**Illustration, no verdict.** ")


def main() -> None:
    found = shown_facts(facts())
    for one in found:
        agreed = one.agrees is not (one.statement.id in OTHERWISE) or one.agrees is None
        assert agreed, f"{one.statement.id}: the simulation gives another verdict than this page expects"
    drawn = {one.shown.id: one.shown for one in found if one.shown is not None}
    for name, ids in PICTURES.items():
        canvas = sheet([drawn[one] for one in ids])
        write_whole(HERE / "images" / f"{name}.png", canvas.png(DOTS_PER_INCH))
        print(f"wrote images/{name}.png")
    said = {one.statement.id: told(one) for one in found if one.shown is not None}
    write_whole(PAGE, page(said).encode())
    print("wrote facts.md")


def told(fact: Fact) -> str:
    """What the page says of a simulation: the sentence, and what it takes for granted beyond all the others."""
    assert fact.shown is not None
    note = fact.shown.note.removeprefix(NOTE).strip()
    words = f"**{shown_heading(fact.shown)}.** {shown_words(fact)}"
    return f"{words} *{note}*" if note else words


def page(said: Mapping[str, str]) -> str:
    """The page. said: what the simulation of each statement says, by statement."""
    every = list(statements().values())
    parts = [HEAD.format(table=_table(every), memory=memory_words(facts()))]
    for topic, heading in TOPICS.items():
        parts.append(f"## {heading}\n")
        parts += [_entry(one, said.get(one.id)) for one in every if one.topic == topic]
    return "\n".join(parts)


def simulated(text: str) -> dict[str, str]:
    """What a written page says of the simulations, by statement."""
    found, name = {}, ""
    for line in text.splitlines():
        if line.startswith("(fact-"):
            name = line.removeprefix("(fact-").removesuffix(")=").replace("-", "_")
        if line.startswith(HEADINGS):
            found[name] = line
    return found


def _table(every: Sequence[Statement]) -> str:
    lines = ["| verdict | means | statements |", "|---|---|---|"]
    for name in VERDICTS:
        many = sum(one.verdict == name for one in every)
        lines.append(f"| {VERDICT_WORDS[name].lower()} | {MEANING[name]} | {many} |")
    return "\n".join(lines)


def _entry(one: Statement, said: str | None) -> str:
    verdict = VERDICT_WORDS[one.verdict].capitalize()
    lines = [
        f"(fact-{one.id.replace('_', '-')})=",
        f"### \u201c{one.statement}\u201d",
        "",
        f"**{verdict}.** {one.short}",
        "",
        one.why,
        "",
    ]
    if said is not None:
        lines += [said, ""]
    lines += [f"- {_backing(backing)}" for backing in one.evidence]
    lines += ["", f"See {_see(one.see)}.", ""]
    return "\n".join(lines)


def _backing(one: Backing) -> str:
    source = catalogue().source(one.source)
    dated = "" if one.dated == "unknown" else f", {one.dated}"
    read = "" if one.checked else f"*{FROM_MEMORY}:* "
    return f"{read}{one.says} ({source.citation}{dated}; `{source.id}`)"


def _see(words: str) -> str:
    if words.startswith("docs/"):
        name = words.removeprefix("docs/")
        return f"[{name.removesuffix('.md').replace('-', ' ')}]({name})"
    return f"`{words}`"


HEAD = """# What people read about botulinum toxin

Statements as people meet them in magazines, on web pages and in conversation, in our own words. Each is judged on a
day, with the evidence behind the verdict; where the model can show it, a simulation is run and its numbers stand here.
Nothing on this page is medical advice: ask the doctor who knows you. If you can not swallow, speak or breathe well
after an injection, call for help at once.

The page is made by `docs/make_facts.py` from the catalogue. `endplate facts` prints the same list,
`endplate facts lasts_a_month` everything about one of them, and `endplate facts --out folder` a page with a chart of
every simulation.

{table}

{memory}

Simulations hold for the average face of a woman of 45 with every parameter at the centre of its prior, unless they say
otherwise: they show how the model behaves, not what one person may expect. Where a line begins with “Simulated”, the
numbers could have come out against the statement, and the test suite holds a world in which they do. That they agree
with a verdict is no proof of it; the evidence is. In one case, fluid, they do not agree, and the line says so. An
“illustration” shows what was put into the model or only a part of the statement: it carries no verdict. What a
simulation takes for granted beyond this stands in italics after it.

![Release, the signal in the fibre, duration by type, repeats, twice the dose, a year later](images/facts-time.png)

![Depth, muscles treated, spread, drooping lid by place, palsy, cheek](images/facts-place.png)
"""


if __name__ == "__main__":
    main()
