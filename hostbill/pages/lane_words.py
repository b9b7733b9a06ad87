"""Lanes in words: which remote system, or which work of ours, a queue of calls belongs to."""

from django.utils.translation import gettext as _

from hostbill.core.models import Lane, ModuleConfig
from provisioning.models import Server


def lane_words(lanes) -> dict[str, str]:
    """Lane -> words, with one query for each kind of system; a lane whose system is gone keeps its name."""
    lanes = set(lanes)
    found = {"core.bulk": _("Acts on many rows"), "core.export": _("Exports"), "": "–"}
    for kind, model in (("server", Server), ("gateway", ModuleConfig)):
        keys = [int(key) for lane in lanes for own, _colon, key in [lane.partition(":")] if own == kind and key.isdecimal()]
        if keys:
            found |= {f"{kind}:{pk}": str(row) for pk, row in model.objects.in_bulk(keys).items()}
    found |= {lane: _("Webhooks to %(host)s") % {"host": lane[len("webhook:") :]} for lane in lanes if lane.startswith("webhook:")}
    return {lane: found.get(lane, lane) for lane in lanes}


def lane_name(lane: str) -> str:
    """One lane in words."""
    return lane_words([lane])[lane]


def lane_choices() -> list[tuple[str, str]]:
    """(lane, words) of every lane there is; for filters."""
    return list(lane_words(Lane.objects.values_list("name", flat=True)).items())
