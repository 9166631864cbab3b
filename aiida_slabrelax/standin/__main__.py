"""The command ``vasp-standin``: without arguments a run in the working directory."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .run import run


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    :param arguments: the arguments of the command line; by default those of the process.
    :returns: the exit code.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments:
        return run(Path.cwd(), os.environ)
    # A run must start fast, so the other commands are imported only when they are used.
    from .command import execute

    return execute(arguments)


if __name__ == '__main__':
    sys.exit(main())
