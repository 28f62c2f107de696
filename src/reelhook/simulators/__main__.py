"""`python -m reelhook.simulators`."""

import sys

from reelhook.simulators.process import main

if __name__ == "__main__":
    sys.exit(main())
