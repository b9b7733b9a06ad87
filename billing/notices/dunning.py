"""An invoice that stays unpaid: what happens on which day, and how to stop it."""

from django.utils.translation import gettext_lazy as _

from .placeholders import LATE, LATE_FACTS, MUST_COME, NO_FEE, PAY, notice

notice(
    "invoice_overdue",
    _("Reminder after the due date"),
    _("Invoice {{ number }} is {{ late }}: {{ amount }}"),
    _(
        "# {{ amount }} for {{ what }} is still open\n\n"
        "{{ hello }}, invoice {{ number }} was due on {{ due_on }}. It may simply have slipped through; "
        "paying it now settles everything.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[steps]]\n\n"
        "{{ transfer }} Cannot pay right now? Answer this mail and we find a way."
    ),
    LATE,
    PAY,
    note=NO_FEE,
    sample={"facts": LATE_FACTS},
)
notice(
    "suspension_warning",
    _("Warning before suspension"),
    _("{{ sites }} will be suspended on {{ suspend_on }}"),
    _(
        "{{ hello }}, invoice {{ number }} was due on {{ due_on }} and is still unpaid. It may simply have slipped through; "
        "paying it now stops everything below.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[steps]]\n\n"
        "{{ transfer }} Need a few more days? Answer this mail; a person reads it and can give them to you."
    ),
    LATE,
    (_("Pay {{ amount }} and keep {% if is_several %}them{% else %}it{% endif %} online"), "pay_url"),
    note=NO_FEE,
    reason=MUST_COME,
    sample={"facts": LATE_FACTS},
)
notice(
    "suspended_for_nonpayment",
    _("Suspended because an invoice is unpaid"),
    _("{{ sites }} {% if is_several %}are{% else %}is{% endif %} suspended: invoice {{ number }} is unpaid"),
    _(
        "# {{ sites }} {% if is_several %}are{% else %}is{% endif %} suspended since today\n\n"
        "{{ hello }}, invoice {{ number }} was due on {{ due_on }}. Your files, databases and mailboxes are safe. "
        "Paying brings everything back, usually within a minute.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[steps]]\n\n"
        "{{ transfer }} Need time, or think this is a mistake? Answer this mail."
    ),
    LATE,
    (_("Pay {{ amount }} and bring {% if is_several %}them{% else %}it{% endif %} back"), "pay_url"),
    note=NO_FEE,
    reason=MUST_COME,
    sample={"facts": LATE_FACTS},
)
notice(
    "termination_warning",
    _("Warning before deletion"),
    _("{{ sites }} will be deleted on {{ end_on }}"),
    _(
        "{{ hello }}, invoice {{ number }} was due on {{ due_on }} and is still unpaid. On {{ end_on }} the files, databases, "
        "mailboxes and backups of {{ sites }} are deleted. That cannot be undone.\n\n"
        "[[facts]]\n\n[[button]]\n\n[[steps]]\n\n"
        "{{ transfer }} Want to leave? Answer this mail before that day and we send you a copy of your data."
    ),
    LATE,
    (_("Pay {{ amount }} and keep everything"), "pay_url"),
    note=_("It is back online usually within a minute of the payment."),
    reason=MUST_COME,
    sample={"facts": LATE_FACTS},
)
