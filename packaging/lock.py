"""Renews both locks from pyproject.toml: hash-pinned, for three systems, without any address inside.

python packaging/lock.py [--upgrade]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
NO_ADDRESSES = ["--no-emit-index-url", "--no-emit-find-links"]


def main(arguments: list[str]) -> int:
    """Write the lock of the tests first: the other one takes its versions."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        print("uv is not installed here: run packaging/bootstrap.py test", file=sys.stderr)
        return 2
    both, run = ROOT / "requirements-dev.lock", ROOT / "requirements.lock"
    compile_ = [uv, "pip", "compile", "pyproject.toml", *OPTIONS, *NO_ADDRESSES, "--extra", "build"]
    subprocess.run([*compile_, "--extra", "dev", *arguments, "-o", str(both)], cwd=ROOT, check=True)
    shutil.copyfile(both, run)
    subprocess.run([*compile_, "-o", str(run)], cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
