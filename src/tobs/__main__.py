"""`python -m tobs`."""

from __future__ import annotations

import sys

from tobs.cli import main

if __name__ == "__main__":
    sys.exit(main())
