"""What the fields of a template stand for, in the streamer's words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def _tr(text: str) -> str:
    return QCoreApplication.translate("ReactionsPage", text)


def field_meaning(name: str) -> str:
    """Return what is put in the place of a field."""
    meanings = {
        "name": _tr("who did it"),
        "names": _tr("the first three of them"),
        "count": _tr("how many people"),
        "amount": _tr("how much: bits, viewers, gifts, months …"),
        "total": _tr("how much of all together"),
        "message": _tr("what they wrote with it, or what it is about"),
        "tier": _tr("the tier of the subscription"),
        "months": _tr("months in all"),
        "streak": _tr("how many in a row"),
        "reward": _tr("the reward"),
        "cost": _tr("what it cost"),
        "status": _tr("how it stands"),
        "target": _tr("to whom, or what is to be reached"),
        "value": _tr("how much has been reached, or the sum of money"),
        "charity": _tr("the charity"),
        "choices": _tr("what can be chosen"),
        "winner": _tr("what won"),
        "category": _tr("the category"),
        "duration": _tr("how long, in seconds"),
        "reason": _tr("why"),
        "recipient": _tr("to whom it was given"),
    }
    return meanings.get(name, name)
