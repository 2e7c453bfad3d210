"""Store what the check tells of the drawn plans, once the difference was read: `python -m tools.golden_findings`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))


def main() -> None:
    import golden_plans

    answers = {name: golden_plans.told(*question) for name, question in golden_plans.asked().items()}
    golden_plans.STORED.parent.mkdir(exist_ok=True)
    golden_plans.STORED.write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    refused = sum("refused" in one for one in answers.values())
    print(f"{len(answers)} plans, {refused} of them refused")


if __name__ == "__main__":
    main()
