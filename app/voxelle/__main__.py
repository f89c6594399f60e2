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
    elif sys.argv[1:2] == ["pip"]:
        # Frozen there is no `python -m pip`: packs fetch their wheels through the program itself.
        from pip._internal.cli.main import main as run_pip

        sys.exit(run_pip(sys.argv[2:]))
    elif not sys.argv[1:]:
        from voxelle.start import guarded, start

        sys.exit(guarded(start))
    else:
        from voxelle.cli import main as run_command_line

        run_command_line()


if __name__ == "__main__":
    main()
