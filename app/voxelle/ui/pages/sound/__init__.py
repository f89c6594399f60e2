"""Sound: where her voice goes and what she hears through."""

from voxelle.ui.pages.sound.page import SoundPage

__all__ = ["SoundPage"]
