"""Options of the support app."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.options import Option

GROUP = _("Support")

MAX_FILE_MEGABYTES = Option(
    "support.max_file_megabytes",
    int,
    10,
    label=_("Largest attachment, megabytes"),
    help=_("Applies to each file sent with a ticket."),
    group=GROUP,
    min=1,
    max=100,
)

