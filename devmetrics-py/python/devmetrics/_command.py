"""The ``devmetrics`` command."""

import signal
import sys

from devmetrics import _devmetrics


def main() -> int:
    """Runs the command with the arguments of the process; gives its exit code."""
    # Python only notes Ctrl-C, and would look at it when the command is over.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _devmetrics.command(["devmetrics", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
