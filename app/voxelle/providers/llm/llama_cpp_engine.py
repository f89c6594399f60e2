"""The worker's side of the embedded model: llama.cpp in the engine process, one reply at a time, stoppable.

A running batch of llama.cpp can't be interrupted (its server does not handle an aborted decode), so the
size of a batch is the time that a cancel takes while the prompt is read. See `prefill_batch`.
"""

from __future__ import annotations

import os
import queue
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voxelle.contracts.tts import Samples
from voxelle.domain.errors import InputError, SetupError, TemporaryError
from voxelle.kernel.worker import CancelToken, Engine, Reply
from voxelle.providers.llm.grammar import tag_grammar
from voxelle.providers.llm.processor import check_processor

SMALL_MODEL_BYTES = 700_000_000
_TOP_K = 40
_MIN_P = 0.05
_REPEAT_PENALTY = 1.08
_CACHE_REUSE = 32


def prefill_batch(model_bytes: int) -> int:
    """Choose how many prompt tokens are read at once: the time of one batch is the time of a cancel.

    Measured on two cores: the 0.5B model reads 4 in 45 ms (8 in 90 ms, 512 in 500 ms and more) and
    keeps 60 % of its full reading speed; the 1.5B model needs 41 ms for a single token, so no size keeps
    it below 50 ms; 16 (0.3 s) keep 70 % of its speed, 4 would keep 45 %.
    """
    return 4 if model_bytes <= SMALL_MODEL_BYTES else 16


@dataclass(slots=True, eq=False)
class _Run:
    """One request inside llama.cpp, from the thread that waits in native code to the generator of replies."""

    token: CancelToken
    replies: queue.SimpleQueue[Reply | BaseException | None] = field(default_factory=queue.SimpleQueue)
    is_stopped: threading.Event = field(default_factory=threading.Event)
    tokens: int = 0

    def stop(self) -> None:
        """Ask llama.cpp to stop at its next sign of life and let the generator go on at once."""
        self.is_stopped.set()
        self.replies.put(None)

    def on_chunk(self, data: Any) -> bool:
        """Take what llama.cpp announces after every batch and token; True ends the generation."""
        if self.is_stopped.is_set():
            return True
        for chunk in data if isinstance(data, list) else [data]:
            self._read(chunk)
        return self.is_stopped.is_set()

    def _read(self, chunk: dict[str, Any]) -> None:
        if "error" in chunk:
            self.replies.put(_error(chunk["error"]))
            self.is_stopped.set()
            return
        for choice in chunk.get("choices") or ():
            if text := (choice.get("delta") or {}).get("content"):
                self.tokens += 1
                self.replies.put(Reply({"text": text}))
        if timings := chunk.get("timings"):
            wanted = ("cache_n", "prompt_n", "prompt_per_second", "predicted_n", "predicted_per_second")
            self.replies.put(Reply({"timings": {name: timings[name] for name in wanted if name in timings}}))


def _error(error: dict[str, Any]) -> Exception:
    """Turn the server's error into one of the house."""
    if error.get("type") == "exceed_context_size_error":
        msg = "The conversation is longer than the embedded model can keep in mind: raise Context in the settings, or shorten her texts."
        return InputError(msg)
    return TemporaryError("The embedded model refused the request. The log has the details.")


class LlamaCppEngine(Engine):
    """Methods: `stream` yields `{"text"}` pieces, then `{"timings"}`; `warm` only reads the prompt; `facts` tells figures."""

    workers = 3
    """One that warms, one that answers, one for a question in between; llama.cpp itself serves one at a time."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._model = Path(config["model"])
        self._threads = int(config.get("threads") or 1)
        self._context = int(config.get("context_tokens") or 4096)
        self._batch = int(config.get("prefill_batch") or 0)
        self._server: Any = None
        self._generated = 0
        self._running = 0
        self._warming: set[_Run] = set()
        self._lock = threading.Lock()

    def load(self, progress: Callable[[float], None]) -> None:
        """Map the weights and start llama.cpp, without its page and behind a key nobody knows."""
        check_processor()
        try:
            size = self._model.stat().st_size
        except OSError as error:
            msg = "The embedded model is not installed: open Engines and press Install."
            raise SetupError(msg) from error
        progress(0.05)
        xllamacpp = _library()
        params = xllamacpp.CommonParams()
        params.model.path = str(self._model)
        params.n_ctx = self._context
        params.n_parallel = 1
        params.n_batch = params.n_ubatch = self._batch or prefill_batch(size)
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = self._threads
        params.n_cache_reuse = _CACHE_REUSE
        params.cache_ram_mib = 0
        params.no_extra_bufts = True
        params.n_gpu_layers = 0
        params.verbosity = -1
        params.offline = True
        params.ui = False
        params.endpoint_slots = False
        params.api_keys = [secrets.token_hex(16)]
        try:
            self._server = xllamacpp.Server(params)
        except (RuntimeError, ValueError) as error:
            msg = (
                "The embedded model could not be loaded: its file may be damaged, or memory is short. "
                "Open Engines and press Install, or choose the small model."
            )
            raise SetupError(msg) from error
        progress(1.0)

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Serve one request; closing the generator or cancelling stops llama.cpp after its current batch."""
        if method == "facts":
            yield Reply({"generated": self._generated, "running": self._running, "address": str(self._server.listening_address)})
        elif method == "warm":
            yield from self._warm(arguments, token)
        elif method == "stream":
            self._stop_warming()
            yield from self._run(self._body(arguments), _Run(token))
        else:
            msg = f"The embedded model has no method {method}."
            raise InputError(msg)

    def _warm(self, arguments: dict[str, Any], token: CancelToken) -> Iterator[Reply]:
        """Read a prompt into the cache; a real request stops it, and keeps what was read. So does a newer one: it knows better."""
        run = _Run(token)
        self._stop_warming()
        with self._lock:
            self._warming.add(run)
        try:
            timings: dict[str, Any] = {}
            for reply in self._run(self._body(arguments) | {"max_tokens": 0}, run):
                timings = reply.data.get("timings", timings)
            yield Reply({"timings": timings})
        finally:
            with self._lock:
                self._warming.discard(run)

    def _stop_warming(self) -> None:
        """Let nothing be read ahead any more: one that was left would hold everybody up later, and push the newest prompt out."""
        with self._lock:
            for run in self._warming:
                run.stop()

    def _run(self, body: dict[str, Any], run: _Run) -> Iterator[Reply]:
        run.token.on_cancel(run.stop)
        thread = threading.Thread(target=self._generate, args=(body, run), name="llama.cpp", daemon=True)
        with self._lock:
            self._running += 1
        thread.start()
        try:
            while (reply := run.replies.get()) is not None and not run.token.is_cancelled:
                if isinstance(reply, BaseException):
                    raise reply
                yield reply
        finally:
            run.is_stopped.set()
            thread.join()
            with self._lock:
                self._running -= 1
                self._generated += run.tokens

    def _generate(self, body: dict[str, Any], run: _Run) -> None:
        """Wait in native code until the reply is over; the callback hands out its pieces."""
        try:
            self._server.handle_chat_completions(body, run.on_chunk)
        except (RuntimeError, ValueError) as error:
            failure = TemporaryError("The embedded model stopped in the middle of its work.")
            failure.__cause__ = error
            run.replies.put(failure)
        finally:
            run.replies.put(None)

    @staticmethod
    def _body(arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the request as llama.cpp's server takes it; `return_progress` makes the prompt stoppable."""
        body: dict[str, Any] = {
            "messages": _messages(arguments["messages"]),
            "max_tokens": int(arguments["max_tokens"]),
            "temperature": float(arguments["temperature"]),
            "top_p": float(arguments["top_p"]),
            "top_k": _TOP_K,
            "min_p": _MIN_P,
            "repeat_penalty": _REPEAT_PENALTY,
            "stream": True,
            "cache_prompt": True,
            "return_progress": True,
        }
        if arguments.get("seed") is not None:
            body["seed"] = int(arguments["seed"])
        if grammar := tag_grammar(arguments.get("emotion_tags", ())):
            body["grammar"] = grammar
        return body


def _library() -> Any:
    """Import llama.cpp with threads that do not spin for long: else a game on the same cores makes it ten times slower.

    libgomp reads the variable once, when it is loaded. Measured with three busy programs on two cores: 9 prompt
    tokens/s with its own default, 39 to 50 with a bounded spin; alone the speed is the same.
    See https://gcc.gnu.org/onlinedocs/libgomp/GOMP_005fSPINCOUNT.html.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "300")
    try:
        import xllamacpp
    except ImportError as error:
        msg = "The embedded model can't run here: a system library is missing (on Linux install libgomp1)."
        raise SetupError(msg) from error
    return xllamacpp


def _messages(messages: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """Return messages of (role, text) as the server takes them."""
    return [{"role": role, "content": text} for role, text in messages]
