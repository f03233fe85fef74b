"""The command `refrain`: the same program as the one that Cargo builds."""

from __future__ import annotations

import os
import sys

from ._refrain import program


def main() -> None:
    """Runs the program with the arguments of the process."""
    code = program(["refrain", *sys.argv[1:]])
    # Nothing is left to clean up, and a reader that went away would make Python complain.
    os._exit(code)


if __name__ == "__main__":
    main()
