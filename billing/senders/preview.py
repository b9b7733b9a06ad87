"""Looks ahead, worked out in the background. Nothing leaves the house."""

from billing.actions.preview import OUTGOING_KIND, answer, finish
from billing.models import Preview
from hostbill.core.crud.senders import ListWork
from hostbill.core.outgoing import register


@register
class PreviewSender(ListWork):
    """One question."""

    kind = OUTGOING_KIND

    def send(self, row):
        """Work it out, from the start when it was interrupted."""
        preview = Preview.objects.select_related("client").filter(pk=row.object_id).first()
        if preview is not None:
            answer(preview)
        return {}

    def settle(self, row, answer, error):
        """Ready, or why not."""
        preview = Preview.objects.filter(pk=row.object_id).first()
        if preview is not None:
            finish(preview, error.message if error else "")
