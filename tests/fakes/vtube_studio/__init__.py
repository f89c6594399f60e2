"""A VTube Studio for tests: within the process (`memory_net`, `MemoryApi`), on loopback (`server.serve`), or by hand (`python -m`)."""

from __future__ import annotations

from tests.fakes.vtube_studio.errors import ErrorId
from tests.fakes.vtube_studio.fake import FakeVTubeStudio
from tests.fakes.vtube_studio.memory import MemoryApi, MemorySocket, memory_net
from tests.fakes.vtube_studio.models import AKARI, HIYORI, WORDLESS
from tests.fakes.vtube_studio.parameters import Face
from tests.fakes.vtube_studio.sign_in import Consent

__all__ = ["AKARI", "HIYORI", "WORDLESS", "Consent", "ErrorId", "Face", "FakeVTubeStudio", "MemoryApi", "MemorySocket", "memory_net"]
