"""Characters: who she can be, edited text by text, heard and previewed."""

from voxelle.ui.pages.characters.page import CharactersPage

__all__ = ["CharactersPage"]
