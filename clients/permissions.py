"""Permissions of the clients app, for staff roles."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.access import Permission, register_permissions

register_permissions(
    [
        Permission("clients.client.view", _("See clients"), area=_("Clients")),
        Permission("clients.client.edit", _("Create and change clients"), area=_("Clients")),
        Permission("clients.client.close", _("Close a client's account"), area=_("Clients")),
        Permission("clients.merge", _("Merge two clients"), area=_("Clients")),
        Permission("clients.client.visit", _("Log in as a client"), area=_("Clients")),
        Permission("clients.client.sign_in", _("Make links that sign a client's person in"), area=_("Clients"), by_name=True),
        Permission("clients.client.write", _("Write mails to clients"), area=_("Clients")),
        Permission("clients.group.view", _("See client groups"), area=_("Clients")),
        Permission("clients.group.edit", _("Change client groups, and put clients into them"), area=_("Clients")),
        Permission("clients.note.edit", _("Write notes on clients"), area=_("Clients")),
        Permission("clients.member.edit", _("Invite people and change their rights"), area=_("Clients")),
        Permission("clients.api_token.edit", _("Make API tokens for oneself"), area=_("People")),
        Permission("clients.api_credential.edit", _("Make credentials of the WHMCS API for oneself"), area=_("People")),
        Permission("clients.api_role.edit", _("Change what roles of the WHMCS API allow"), area=_("People")),
        Permission("clients.user.view", _("See logins"), area=_("People")),
        Permission("clients.user.edit", _("Create and change staff logins and roles"), area=_("People")),
    ]
)
