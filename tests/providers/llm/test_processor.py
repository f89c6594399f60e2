"""What the processor must be able to do."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from voxelle.domain.errors import SetupError
from voxelle.providers.llm.processor import NEEDED, check_processor, flags_of, processor_flags


@pytest.mark.parametrize("machine", ["x86_64", "AMD64"])
def test_an_old_processor_is_refused_with_a_sentence(machine: str) -> None:
    with pytest.raises(SetupError, match="no AVX2"):
        check_processor(machine, frozenset({"sse2", "avx"}))
    check_processor(machine, frozenset({"avx2", "fma", "sse2"}))


def test_a_system_that_tells_nothing_is_given_a_try() -> None:
    check_processor("x86_64", frozenset())


def test_other_processors_need_none_of_it() -> None:
    check_processor("arm64", frozenset())


def test_flags_are_read_from_cpuinfo() -> None:
    assert flags_of("processor : 0\nflags\t\t: fpu AVX2 fma\nbugs : x\n") == {"fpu", "avx2", "fma"}
    assert flags_of("Features : asimd") == frozenset()


def test_this_processor_is_asked() -> None:
    check_processor(flags=processor_flags())


def test_a_mac_is_asked_through_sysctl(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = SimpleNamespace(stdout="FPU SSE2 FMA\nAVX2 BMI2\n")
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("subprocess.run", lambda *_arguments, **_options: answer)
    assert processor_flags() >= {"avx2", "fma"}


def test_a_mac_without_sysctl_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("subprocess.run", refuse)
    assert processor_flags() == frozenset()


@pytest.mark.parametrize("answer, can", [(1, True), (0, False)])
def test_windows_is_asked_through_its_kernel(monkeypatch: pytest.MonkeyPatch, answer: int, can: bool) -> None:
    kernel32 = SimpleNamespace(IsProcessorFeaturePresent=lambda _feature: answer)
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("ctypes.windll", SimpleNamespace(kernel32=kernel32), raising=False)
    assert (processor_flags() >= NEEDED) is can


def test_a_linux_without_proc_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("pathlib.Path.read_text", refuse)
    assert processor_flags() == frozenset()
