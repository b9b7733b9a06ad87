"""A credit note."""

from django.utils.translation import gettext_lazy as _

from billing.models import CreditNote
from billing.queries.credit_note_document import credit_note_file_name, credit_note_pdf
from hostbill.core.notices import SAMPLE_ROWS, sample_lines
from hostbill.core.notify import register_attachment

from .placeholders import CLIENT, MAY_CHANGE, notice


def attach_credit_note(note_id: int) -> tuple[str, bytes, str]:
    """The document, rendered when the mail leaves."""
    note = CreditNote.objects.select_related("client", "invoice").get(pk=note_id)
    return credit_note_file_name(note), credit_note_pdf(note), "application/pdf"


register_attachment("billing.credit_note_pdf", attach_credit_note)

notice(
    "credit_note_issued",
    _("Credit note"),
    _("Credit note {{ number }}: {{ amount }} for invoice {{ invoice_number }}"),
    _(
        "# {{ amount }} credited\n\n"
        "{{ hello }}, here is credit note {{ number }} for invoice {{ invoice_number }}. Reason: {{ why }}\n\n"
        "[[facts]]\n\n[[button]]\n\n[[lines]]\n\n"
        "{% if credited != '' %}{{ credited }} of it had been paid: it is kept as your credit or sent back to you. {% endif %}"
        "There is nothing for you to do."
    ),
    CLIENT
    | {
        "number": _("number of the credit note"),
        "invoice_number": _("number of the invoice"),
        "amount": _("the amount"),
        "credited": _("part that had been paid"),
        "why": _("the reason given"),
        "url": _("link to the client area"),
        "facts": _("block: the amount"),
        "lines": _("block: the lines"),
    },
    (_("See the credit note"), "url"),
    note=_("The PDF is attached."),
    reason=MAY_CHANGE,
    sample={
        "number": "CN-2027-0004",
        "invoice_number": "2027-0412",
        "reference": "CN-2027-0004",
        "why": "ordered twice",
        "facts": {"label": _("Credited"), "value": "€47.60", "tone": "ok", "side_label": _("For invoice"), "side_value": "2027-0412"},
        "lines": sample_lines(SAMPLE_ROWS, net="€40.00", tax="€7.60", total=(_("Credited"), "€47.60"), title=_("What is taken back")),
    },
)
