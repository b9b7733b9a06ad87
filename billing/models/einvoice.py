"""E-invoices: the data file that goes with an issued invoice or credit note, and what the official rules said of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.einvoice import PROFILES
from clients.models import EInvoiceWish
from hostbill.core.addresses import address
from hostbill.core.models import TrackedModel

from .credit_note import CreditNote
from .invoice import Invoice
from .owned import OwnedQuerySet, owned


class EInvoiceQuerySet(OwnedQuerySet):
    """Finding e-invoices."""

    def visible_to(self, actor):
        """Clients see what may be sent to them."""
        rows = super().visible_to(actor)
        return rows if actor.kind != "client" else rows.ready()

    def ready(self):
        """Those that may leave the house."""
        return self.filter(state="ready")


class EInvoice(TrackedModel):
    """One file of one document. `findings` are the rules it broke, as [rule, text, place]; a file with any is held and never
    sent. `xml` stays as it was from the moment it is ready. `with_mail`: the document's mail waits for it."""

    #: What other nouns' lists read of it.
    BRIEF = ("format", "state")

    class State(models.TextChoices):
        QUEUED = "queued", _("Being written")
        READY = "ready", _("Ready")
        HELD = "held", _("Held")
        LEFT = "left", _("Left out")

    TRANSITIONS = {
        "queued": {"ready", "held"},
        "held": {"queued", "left"},
        "left": {"queued"},
        "ready": set(),
    }

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="einvoices")
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="einvoices")
    credit_note = models.ForeignKey(CreditNote, models.PROTECT, null=True, blank=True, related_name="einvoices")
    format = models.CharField(_("format"), max_length=20, choices=EInvoiceWish.choices[1:])
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    with_mail = models.BooleanField(_("the mail waits for it"), default=False)
    tries = models.PositiveIntegerField(default=0)
    xml = models.TextField(blank=True)
    findings = models.JSONField(default=list, blank=True)
    is_checked = models.BooleanField(_("checked by the official rules"), default=False)
    written_at = models.DateTimeField(_("written at"), null=True, blank=True)
    left_reason = models.CharField(max_length=300, blank=True)

    objects = owned("billing.invoice.view", base=EInvoiceQuerySet)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("e-invoice")
        verbose_name_plural = _("e-invoices")
        indexes = [
            models.Index(fields=["state", "id"], name="billing_einvoice_list"),
            models.Index(fields=["client", "-id"], name="billing_einvoice_client"),
            models.Index(fields=["written_at", "id"], name="billing_einvoice_written"),
            models.Index(fields=["format"], name="billing_einvoice_by_format"),
            models.Index(fields=["id"], name="billing_einvoice_unchecked", condition=Q(is_checked=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "format"], name="billing_einvoice_once"),
            models.UniqueConstraint(fields=["credit_note", "format"], name="billing_einvoice_note_once"),
            models.CheckConstraint(
                name="billing_einvoice_of_one",
                condition=Q(invoice__isnull=False, credit_note__isnull=True)
                | Q(invoice__isnull=True, credit_note__isnull=False),
            ),
            models.CheckConstraint(
                name="billing_einvoice_ready",
                condition=~Q(state="ready") | (Q(findings=[]) & ~Q(xml="") & Q(written_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.document} · {self.get_format_display()}"

    def get_absolute_url(self):
        """Its page in the console."""
        return address("billing_staff:einvoice_detail", self.pk)

    @property
    def document(self) -> Invoice | CreditNote:
        """What it is the data of."""
        return self.invoice or self.credit_note

    @property
    def file_name(self) -> str:
        """``2027-0415-xrechnung.xml``."""
        safe = "".join(char if char.isalnum() or char in "-_." else "-" for char in str(self.document.number))
        return f"{safe}-{self.format.replace('_', '-')}.xml"

    @property
    def is_beside_pdf(self) -> bool:
        """Whether it is a file of its own that may leave the house: what is inside the PDF is not offered again."""
        return self.state == self.State.READY and not PROFILES[self.format].in_pdf

    @property
    def first_finding(self) -> str:
        """The rule that holds it, in a line."""
        return "{}: {}".format(*self.findings[0]) if self.findings else ""

    @property
    def state_words(self) -> tuple:
        """Kind and words for screens."""
        kinds = {"queued": "pending", "ready": "ok", "held": "failed", "left": "ended"}
        return (kinds[self.state], self.get_state_display())
