"""What the companion is built from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voxelle.companion.hearing.ports import EarPorts
from voxelle.companion.mouth import VowelReader
from voxelle.companion.speech import Voice
from voxelle.contracts.audio import AudioOutput
from voxelle.contracts.emotion import EmotionClassifier
from voxelle.contracts.llm import LanguageModel
from voxelle.contracts.storage import ChannelEventStore, CharacterStore, ConversationStore
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Ids
from voxelle.settings.service import SettingsService


@dataclass(frozen=True, slots=True)
class CompanionPorts:
    """What the companion works with."""

    model: LanguageModel
    voice: Voice
    classifier: EmotionClassifier | None
    output: AudioOutput
    conversations: ConversationStore
    channel_events: ChannelEventStore
    characters: CharacterStore
    settings: SettingsService
    shipped_words: Sequence[str]
    bus: Bus
    clock: Clock
    ids: Ids
    vowels: VowelReader | None = None
    """Finds the vowels for her mouth where the voice does not tell them."""
    is_greeting: bool | None = None
    """Whether she says hello by herself; None: as the settings say."""
    ears: EarPorts | None = None
    """What she hears with; None: she does not."""
