"""Permissions of the support app, for staff roles."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.access import Permission, register_permissions

register_permissions(
    [
        Permission("support.ticket.view", _("See tickets"), area=_("Support")),
        Permission("support.ticket.reply", _("Answer tickets and write notes"), area=_("Support")),
        Permission("support.ticket.edit", _("Hand over, move, close and reopen tickets"), area=_("Support")),
        Permission("support.ticket.delete", _("Delete tickets, messages and notes"), area=_("Support"), by_name=True),
        Permission("support.department.view", _("See departments"), area=_("Support")),
        Permission("support.department.edit", _("Change departments"), area=_("Support")),
    ]
)
