"""New prices of running services."""

from django.utils.translation import gettext_lazy as _

from .placeholders import CLIENT, notice

notice(
    "price_change",
    _("New prices"),
    _("New prices from {{ starts_on }}"),
    _(
        "# Your prices from {{ starts_on }}\n\n"
        "{{ hello }}, from {{ starts_on }} on some of what you have with us costs something else. Each service pays its new price "
        "from its first billing period that begins on that day or later; what is paid already stays as it is.\n\n"
        "{{ why }}\n\n[[lines]]\n\n[[button]]\n\n"
        "Questions? Just answer this mail; a person reads it."
    ),
    CLIENT
    | {
        "starts_on": _("day from which the prices hold"),
        "why": _("what staff wrote about it"),
        "lines": _("block: each service with its new price"),
        "url": _("link to the client area"),
    },
    (_("Open my services"), "url"),
    sample={
        "starts_on": "1 January 2028",
        "why": "Electricity costs more than when we last looked at our prices, five years ago.",
        "lines": {
            "title": _("Service"),
            "amount_title": _("New price, before tax"),
            "rows": [{"text": "Grow hosting · brandt.example · Monthly", "note": "so far €12.00", "amount": "€13.50"}],
        },
    },
)
