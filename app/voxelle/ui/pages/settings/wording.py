"""Choices and restarts in the streamer's words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def _tr(text: str) -> str:
    return QCoreApplication.translate("SettingsPage", text)


def choice_title(choice: str) -> str:
    """Return what a choice is called on screen."""
    titles = {
        "llama_cpp": _tr("Embedded model (llama.cpp)"),
        "openai": _tr("OpenAI-compatible server"),
        "anthropic": _tr("Anthropic"),
        "ollama": _tr("Ollama"),
        "hibari": _tr("Embedded voice (Hibari)"),
        "kokoro": _tr("Embedded voice (Kokoro)"),
        "openai_speech": _tr("Speech server"),
        "espeak": _tr("eSpeak NG"),
        "auto": _tr("Automatic"),
        "llm-default": _tr("Larger (1.5B)"),
        "llm-small": _tr("Small (0.5B)"),
        "system": _tr("As the system"),
    }
    return titles.get(choice, choice.replace("_", " ").capitalize())


def restart_text(restart: str) -> tuple[str, str]:
    """Return a badge and its explanation for a change that waits for a restart."""
    texts = {
        "engines": (
            _tr("Engine restart needed"),
            _tr("Takes effect when the engine is loaded again: unload and load it on the Engines page."),
        ),
        "sound": (_tr("Sound restart needed"), _tr("Takes effect when the sound starts again.")),
    }
    return texts.get(restart, (_tr("Restart needed"), _tr("Takes effect when Voxelle starts the next time.")))
