"""One light a stage."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from tests.ui.show import Show
from voxelle.domain.events import EngineChanged, EngineState, EngineStatus
from voxelle.ui.models.engine_lights import EngineLightsModel
from voxelle.ui.theme import Theme
from voxelle.ui.widgets.engine_lights import EngineLights


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


EARS = (
    EngineStatus("silero", "vad", "Silero", EngineState.READY, is_active=True),
    EngineStatus("whisper", "stt", "Whisper", EngineState.READY, is_active=True),
    EngineStatus("server", "stt", "Server", EngineState.FAILED),
    EngineStatus("smart_turn", "end_of_turn", "Smart turn", EngineState.ABSENT),
    EngineStatus("voices", "speaker", "Voices", EngineState.FAILED),
)


def switch(show: Show, path: str) -> None:
    show.bridge.run(lambda: show.settings.change(path, True))
    show.settle()


def test_her_ears_have_a_light_only_while_she_is_to_listen(show: Show) -> None:
    show.engines.kept = list(EARS)
    model = EngineLightsModel(show.bridge, show.bridge)
    model.load()
    show.settle()
    assert not model.lights
    switch(show, "hearing.is_enabled")
    assert [(light.stage, light.status.id) for light in model.lights] == [("hearing", "smart_turn")]
    show.announce(EngineChanged(EngineStatus("smart_turn", "end_of_turn", "Smart turn", EngineState.READY, is_active=True)))
    assert model.lights[0].status.id == "whisper"
    switch(show, "hearing.only_me")
    assert model.lights[0].status.id == "voices"


def test_a_light_goes_with_its_stage(show: Show, theme: Theme, qtbot: QtBot) -> None:
    show.engines.kept = [*EARS, EngineStatus("llama", "llm", "Llama", EngineState.READY)]
    model = EngineLightsModel(show.bridge, show.bridge)
    strip = EngineLights(model)
    qtbot.addWidget(strip)
    model.load()
    show.settle()
    switch(show, "hearing.is_enabled")
    assert list(strip._buttons) == ["llm", "hearing"]
    assert strip._row.indexOf(strip._buttons["hearing"]) < strip._row.indexOf(strip._buttons["llm"])
    show.bridge.run(lambda: show.settings.change("hearing.is_enabled", False))
    show.settle()
    assert list(strip._buttons) == ["llm"]
