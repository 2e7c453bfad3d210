"""Fit the muscle level to its rows, store the result, and print what belongs in the catalogue.

The result goes to docs/data/muscle_fit.json (recipe, seed, hash of its inputs); `docs/make_muscle_calibration.py` makes
the page and the pictures from it. --write puts the proposed entries into the catalogue too. Two minutes of one core.

usage: python -m tools.fit_muscle [--write]
"""

from __future__ import annotations

import json
import re
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / "docs" / "data" / "muscle_fit.json"
CATALOGUE = ROOT / "src" / "endplate" / "catalogue" / "data" / "parameters.toml"
ENTRIES = ROOT / "tools" / "muscle_entries.toml"
DIGITS = 6


def texts() -> dict[str, dict[str, Any]]:
    """Grade, source and note of each entry, by parameter id."""
    return tomllib.loads(ENTRIES.read_text("utf-8"))


def proposed(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Entries by parameter id: value from the fit with all else at its centre, interval as wide as the joint one."""
    words = texts()
    out: dict[str, dict[str, Any]] = {}
    for name, value in found["point"]["values"].items():
        if name in words:
            low, middle, high = found["whole"]["sampled"][name]
            numbers = {"value": value, "low": value * low / middle, "high": value * high / middle}
            out[name] = {**numbers, **words[name]}
    limb = out["structural.on_rate.limb"]["value"]
    for name in ("structural.on_rate.jaw", "structural.on_rate.neck"):
        out[name] = {"value": limb, "low": limb / 5, "high": limb * 3, **words[name]}
    for name, value in found["section"]["values"].items():
        low, high = found["section"]["intervals"][name]
        out[name] = {"value": value, "low": low, "high": high, **words[name]}
    return out


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.3g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def write(entries: dict[str, dict[str, Any]]) -> None:
    """Put the entries into the catalogue."""
    text = CATALOGUE.read_text("utf-8")
    for name, fields in entries.items():
        start = text.index(f'id = "{name}"\n')
        end = text.find("\n\n", start)
        block = text[start:] if end < 0 else text[start:end]
        new = block
        for key, value in fields.items():
            line = f"{key} = {shown(value)}"
            new, count = re.subn(rf"(?m)^{key} = .*$", lambda _, line=line: line, new)
            if count != 1:
                raise SystemExit(f"{name}: `{key}` stands {count} times")
        text = text[:start] + new + text[start + len(block) :]
    CATALOGUE.write_text(text, "utf-8")


def rounded(value: Any) -> Any:
    """The record with numbers of six significant digits."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {str(k): rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(v) for v in value]
    number = float(value)
    if number != number:
        return None
    return int(number) if isinstance(value, int) else float(f"{number:.{DIGITS}g}")


def main() -> None:
    from endplate.fit.muscle import run

    start = time.perf_counter()
    found = rounded(run(lambda text: print(f"[{time.perf_counter() - start:5.0f} s] {text}", flush=True)))
    STORE.parent.mkdir(parents=True, exist_ok=True)
    STORE.write_text(json.dumps(found, separators=(",", ":")) + "\n", "utf-8")
    entries = proposed(found)
    for name, fields in entries.items():
        print(f"\n{name}")
        for key, value in fields.items():
            print(f"  {key} = {shown(value)}")
    if "--write" in sys.argv:
        write(entries)
    print(f"\n{STORE.relative_to(ROOT)} written in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
