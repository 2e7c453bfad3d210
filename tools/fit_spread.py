"""Calibrate spread to its rows; store the result beside the documentation; put the six numbers into the catalogue.

usage: python -m tools.fit_spread            fit (some minutes on one core), write docs/data/spread_calibration.json
       python -m tools.fit_spread --write    put the stored proposal into the catalogue's parameters.toml

A number is proposed anew when the rows moved its centre by more than half an SD of its prior or narrowed it by more
than a tenth; the others stay as they were.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from endplate.fit.spread.calibrate import Recipe, calibrate
from endplate.fit.spread.problem import PROGRAM

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "docs" / "data" / "spread_calibration.json"
SHIFT, WIDTH = 0.5, 0.9
BASIS = {
    "spread.layer_slack": (
        "D",
        "declared",
        "calibration of spread",
        False,
        "none",
        "Fitted by tools/fit_spread.py to limb muscle and leg skin through declared links; no face was measured.",
    ),
    "spread.fascia_transmission": (
        "C",
        "shaari1991",
        "23 % less spread with the fascia intact",
        True,
        "rat",
        "Fitted by tools/fit_spread.py: 23 % fewer paralysed fibres, 0.2 to 10 U, toxin laid on a leg muscle. Rat.",
    ),
}


def proposal(stored: dict[str, Any]) -> dict[str, tuple[float, float, float]]:
    """(value, low, high) of each program number that the rows moved, to two significant digits."""
    found = {}
    for entry in stored["numbers"]:
        if entry["id"] in PROGRAM and (abs(entry["shift"]) > SHIFT or entry["width"] < WIDTH):
            low, middle, high = (float(f"{x:.2g}") for x in entry["posterior"])
            found[entry["id"]] = (middle, low, high)
    return found


def write(found: dict[str, tuple[float, float, float]], path: Path | None = None) -> None:
    """Put values, intervals and their basis into the catalogue."""
    path = path or ROOT / "src" / "endplate" / "catalogue" / "data" / "parameters.toml"
    text = path.read_text("utf-8")
    for name, (value, low, high) in found.items():
        block = re.compile(rf'\[\[parameter\]\]\nid = "{re.escape(name)}"\n(?:(?!\[\[).*\n)*')
        if len(block.findall(text)) != 1:
            raise SystemExit(f"{name} does not stand once in the catalogue")
        changes = {"value": f"{value:g}", "low": f"{low:g}", "high": f"{high:g}"}
        if name in BASIS:
            words = ("grade", "source", "where", "checked", "species", "note")
            changes |= {key: json.dumps(word) for key, word in zip(words, BASIS[name], strict=True)}

        def changed(match: re.Match[str], changes: dict[str, str] = changes) -> str:
            entry = match.group(0)
            for key, word in changes.items():
                entry = re.sub(rf"(?m)^{key} = .*$", lambda _, k=key, w=word: f"{k} = {w}", entry, count=1)
            return entry

        text = block.sub(changed, text)
    path.write_text(text, "utf-8")


def main() -> None:
    if "--write" in sys.argv:
        found = proposal(json.loads(STORED.read_text("utf-8")))
        write(found)
    else:
        began = time.monotonic()
        stored = calibrate(Recipe(), lambda text: print(text, file=sys.stderr, flush=True))
        print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
        STORED.parent.mkdir(exist_ok=True)
        STORED.write_text(json.dumps(_rounded(stored), indent=1) + "\n", "utf-8")
        found = proposal(stored)
    for name, (value, low, high) in found.items():
        print(f"{name} = {value:g} ({low:g} to {high:g})")


def _rounded(value: Any) -> Any:
    """Floats to six significant digits, so that the stored file stays readable."""
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(entry) for entry in value]
    if isinstance(value, float):
        return None if value != value else float(f"{value:.6g}")
    return value


if __name__ == "__main__":
    main()
