"""The words of the field: frozen facts, enums and errors. Standard library only."""
