"""`python -m totals`."""

import sys

from totals.cli import main

sys.exit(main())
