"""One light a stage."""

from __future__ import annotations

from tests.ui.show import Show
from voxelle.domain.events import EngineChanged, EngineState, EngineStatus
from voxelle.ui.models.engine_lights import EngineLightsModel


def test_the_active_engine_speaks_for_its_stage(show: Show) -> None:
    show.engines.kept = [
        EngineStatus("espeak", "tts", "eSpeak", EngineState.READY),
        EngineStatus("hibari", "tts", "Hibari", EngineState.RESTARTING, is_active=True),
        EngineStatus("cloud", "llm", "Cloud", EngineState.UNLOADED),
        EngineStatus("llama", "llm", "Llama", EngineState.LOADING),
        EngineStatus("words", "embedding", "Words", EngineState.READY),
    ]
    model = EngineLightsModel(show.bridge, show.bridge)
    model.load()
    show.settle()
    assert [(light.stage, light.status.id) for light in model.lights] == [("llm", "llama"), ("tts", "hibari")]
    show.announce(EngineChanged(EngineStatus("cloud", "llm", "Cloud", EngineState.READY, is_active=True)))
    assert model.lights[0].status.id == "cloud"
