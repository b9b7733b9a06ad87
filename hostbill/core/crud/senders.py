"""Long work on lists, as outgoing rows: claimed, watched by a heartbeat and taken up again like everything that waits."""

from datetime import timedelta

from hostbill.core.crud import bulk, exporting
from hostbill.core.errors import DriverError
from hostbill.core.models import Export
from hostbill.core.outgoing import OutgoingKind, register

#: Seconds of one slice: others wait no longer for their turn.
SLICE = 20
#: A slice that breaks so often never ends well.
MOST_TRIES = 6


class ListWork(OutgoingKind):
    """Nothing leaves the house, so there is nothing to look up: the rows themselves say what is done."""

    later = True
    at_once = 2
    backoff = (2, 10, 30, 120)
    budget = timedelta(hours=2)

    def look_up(self, row):
        """Not done, as far as the rows say; after many tries that is the end."""
        if row.attempts > MOST_TRIES:
            raise DriverError("It broke off each time.", permanent=True, code="broke_off")
        return None


@register
class BulkSender(ListWork):
    """One slice of an act on many rows."""

    kind = bulk.OUTGOING_KIND

    def send(self, row):
        """Go on for some seconds."""
        return {"finished": bulk.work(row.object_id, SLICE)}

    def settle(self, row, answer, error):
        """The next slice, or the end."""
        if error is not None:
            bulk.give_up(row.object_id, error.message)
        elif not answer["finished"]:
            bulk.next_part(row.object_id, row.payload["part"])


@register
class ExportSender(ListWork):
    """One file."""

    kind = exporting.OUTGOING_KIND

    def send(self, row):
        """Write it."""
        return exporting.make(Export.objects.select_related("user").get(pk=row.object_id))

    def settle(self, row, answer, error):
        """Ready, or why not."""
        exporting.settle(Export.objects.select_for_update().get(pk=row.object_id), answer, error)
