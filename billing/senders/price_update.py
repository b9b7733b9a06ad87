"""Entering new prices for many subscriptions, in slices. Nothing leaves the house."""

from datetime import timedelta

from billing.actions.price_update import OUTGOING_KIND, next_slice, work_on
from hostbill.core.outgoing import OutgoingKind, register

#: Seconds of one slice: others wait no longer for their turn.
SLICE = 20


@register
class PriceUpdateSender(OutgoingKind):
    """One slice; the rows themselves say how far it got."""

    kind = OUTGOING_KIND
    later = True
    at_once = 2
    backoff = (2, 10, 30, 120)
    budget = timedelta(hours=2)

    def send(self, row):
        return {"finished": work_on(row.object_id, SLICE)}

    def look_up(self, row):
        return None

    def settle(self, row, answer, error):
        if error is None and not answer["finished"]:
            next_slice(row.object_id, row.payload["part"])
