"""``python -m devmetrics``: the command."""

import sys

from devmetrics._command import main

sys.exit(main())
