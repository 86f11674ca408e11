"""`make demo`: one change through all six stages, twice, with the same commit ids both times."""

import sys

from demo.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
