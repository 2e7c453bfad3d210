#!/usr/bin/env python3
"""The developers' menu: `python3 dev.py demo | test | lint | docs | bench | serve | mutate | lock | refit | ...`.

Needs Python 3.11 or newer with its venv module and nothing else. This file is kept readable to any old
Python, so that the refusal below is a sentence and not a syntax error; the work is done in tools/.
"""

import sys

if sys.version_info < (3, 11):
    sys.stderr.write(
        "dev.py needs Python 3.11 or newer, and this is Python %d.%d: run it with a newer one, "
        "for example `python3.11 dev.py demo`.\n" % sys.version_info[:2]
    )
    sys.exit(2)

from tools.words import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
