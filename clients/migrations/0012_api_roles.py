"""The API roles a hosting company starts with."""

from django.db import migrations

READING = [
    "GetClients", "GetClientsDetails", "GetClientsProducts", "GetClientsAddons", "GetClientsDomains", "GetClientGroups",
    "GetContacts", "GetCancelledPackages", "GetCredits", "GetCurrencies", "GetEmails", "GetInvoice", "GetInvoices", "GetOrders",
    "GetOrderStatuses", "GetPayMethods", "GetPaymentMethods", "GetProducts", "GetPromotions", "GetQuotes", "GetServers", "GetStats",
    "GetSupportDepartments", "GetSupportStatuses", "GetTicket", "GetTicketAttachment", "GetTicketCounts", "GetTicketNotes",
    "GetTickets", "GetTransactions", "GetUsers", "WhmcsDetails",
]  # fmt: skip
ROLES = {"Everything": ["*"], "Only read": sorted(READING)}


def create_roles(apps, schema_editor):
    """Add each role unless one has its name."""
    role_model = apps.get_model("clients", "ApiRole")
    for name, actions in ROLES.items():
        role_model.objects.get_or_create(name=name, defaults={"actions": actions})


class Migration(migrations.Migration):
    """Seed the API roles."""

    dependencies = [("clients", "0011_api_credential")]

    operations = [migrations.RunPython(create_roles, migrations.RunPython.noop)]
