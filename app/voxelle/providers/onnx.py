"""Opens a network of the ears in an engine process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from voxelle.domain.errors import SetupError


def open_network(path: Path, threads: int = 1) -> Any:
    """Return an onnxruntime session that takes no more threads than it needs. Raises SetupError for a file that can't be read."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    options.log_severity_level = 3
    # What a run took is given back by `return_memory`, not kept for the next one.
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    # A thread that spins while it waits takes processor time from a game.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library raises bare Exception for a damaged file
        msg = "The ears are missing or damaged: open Engines and press Install."
        raise SetupError(msg) from error
