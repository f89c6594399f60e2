"""`python -m voxelle`: an engine process when asked for one, before anything heavy is imported; the command line otherwise."""

from __future__ import annotations

import sys


def main() -> None:
    """Become what the first argument says."""
    if sys.argv[1:2] == ["engine-worker"]:
        from voxelle.kernel.worker import main as run_worker

        run_worker()
    elif sys.argv[1:2] == ["bench-child"]:
        from voxelle.benches.children import main as run_bench_child

        run_bench_child()
    else:
        from voxelle.cli import main as run_command_line

        run_command_line()


if __name__ == "__main__":
    main()
