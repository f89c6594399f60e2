"""What the processor must be able to do."""

from __future__ import annotations

import pytest

from voxelle.domain.errors import SetupError
from voxelle.providers.llm.processor import check_processor, flags_of, processor_flags


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
