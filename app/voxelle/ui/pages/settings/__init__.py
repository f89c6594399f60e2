"""Settings: drawn from the schema, checked while typing, applied at once."""

from voxelle.ui.pages.settings.page import SettingsPage

__all__ = ["SettingsPage"]
