"""What WHMCS documents as the answer of each action, besides ``result``: "key:type", "outer.inner:type" inside.

Types: i a whole number (also as text, as WHMCS mixes them), n an amount, s text, l a list, d a dict, b true or false, x anything."""

PAGE = "totalresults:i startnumber:i numreturned:i"
ANSWERS = {
    "AddOrder": "orderid:i serviceids:s addonids:s domainids:s invoiceid:i",
    "GetOrderStatuses": "totalresults:i statuses.status:l",
    "GetOrders": f"{PAGE} orders.order:l",
    "GetProducts": f"{PAGE} products.product:l",
    "GetPromotions": "totalresults:i promotions.promotion:l",
    "AcceptQuote": "invoiceid:i",
    "AddBillableItem": "billableid:i status:s",
    "AddCredit": "newbalance:n",
    "ApplyCredit": "invoiceid:i amount:n invoicepaid:s",
    "CreateInvoice": "invoiceid:i status:s",
    "CreateQuote": "quoteid:i",
    "DeletePayMethod": "paymethodid:i",
    "GenInvoices": "numcreated:i latestinvoiceid:x",
    "GetCredits": "totalresults:i clientid:i credits.credit:l",
    "GetInvoice": "invoiceid:i invoicenum:s userid:i date:s duedate:s datepaid:s lastcaptureattempt:s subtotal:n credit:n tax:n tax2:n "
    "total:n balance:n taxrate:n taxrate2:n status:s paymentmethod:s notes:s ccgateway:x items.item:l transactions:x",
    "GetInvoices": f"{PAGE} invoices.invoice:l",
    "GetPayMethods": "clientid:i paymethods:l",
    "GetQuotes": f"{PAGE} quotes.quote:l",
    "GetTransactions": f"{PAGE} transactions.transaction:l",
    "UpdateInvoice": "invoiceid:i",
    "UpdatePayMethod": "clientid:i paymethodid:i",
    "UpdateTransaction": "transactionid:i",
    "GetModuleConfigurationParameters": "parameters:l",
    "GetModuleQueue": "count:i queue:l",
    "AddCancelRequest": "serviceid:i userid:i",
    "AddClientNote": "noteid:i",
    "MergeTicket": "ticketid:i",
    "OpenTicket": "id:i tid:s c:s",
    "UpdateTicket": "ticketid:i",
    "UpdateTicketReply": "replyid:i",
    "DecryptPassword": "password:s",
    "EncryptPassword": "password:s",
    "GetConfigurationValue": "setting:s value:s",
    "SetConfigurationValue": "value_changed:b",
    "GetCurrencies": "totalresults:i currencies.currency:l",
    "GetPaymentMethods": "totalresults:i paymentmethods.paymentmethod:l",
    "GetStaffOnline": "totalresults:i staffonline.staff:l",
    "WhmcsDetails": "whmcs:d",
    "GetActivityLog": "totalresults:i startnumber:i activity.entry:l",
    "GetAdminDetails": "adminid:i name:s notes:s signature:s allowedpermissions:s departments:s whmcs:d requesttime:s",
    "GetAdminUsers": "count:i admin_users:l",
    "GetAutomationLog": "currentDatetime:s lastDailyCronInvocationTime:s startdate:s enddate:s statistics:x",
    "GetEmailTemplates": "totalresults:i emailtemplates.emailtemplate:l",
    "GetStats": "income_today:s income_thismonth:s income_thisyear:s income_alltime:s orders_pending:i orders_today_cancelled:i "
    "orders_today_pending:i orders_today_fraud:i orders_today_active:i orders_today_total:i orders_yesterday_total:i "
    "orders_thismonth_total:i orders_thisyear_total:i tickets_allactive:i tickets_awaitingreply:i tickets_flaggedtickets:i "
    "tickets_open:i tickets_answered:i tickets_customerreply:i tickets_closed:i tickets_onhold:i tickets_inprogress:i "
    "cancellations_pending:i todoitems_due:i networkissues_open:i billableitems_uninvoiced:i quotes_valid:i staff_online:i "
    "timeline_data.new_orders:d timeline_data.accepted_orders:d timeline_data.income:d timeline_data.expenditure:d "
    "timeline_data.new_tickets:d",
    "AddClient": "clientid:i owner_id:i",
    "AddContact": "contactid:i",
    "CloseClient": "clientid:i",
    "DeleteClient": "clientid:i",
    "DeleteContact": "contactid:i",
    "GetCancelledPackages": f"{PAGE} packages.package:l",
    "GetClientGroups": "totalresults:i groups.group:l",
    "GetClientPassword": "password:s",
    "GetClients": f"{PAGE} clients.client:l",
    "GetClientsAddons": "serviceid:x clientid:x totalresults:i addons.addon:l",
    "GetClientsDetails": "client.id:i client.userid:i client.uuid:s client.currency_code:s client.users.user:l stats:d",
    "GetClientsDomains": f"clientid:x domainid:x {PAGE} domains.domain:l",
    "GetClientsProducts": f"clientid:x serviceid:x pid:x domain:x {PAGE} products.product:l",
    "GetContacts": f"{PAGE} contacts.contact:l",
    "GetEmails": f"{PAGE} emails.email:l",
    "UpdateClient": "clientid:i",
    "UpdateContact": "contactid:i",
    "AddProduct": "pid:i",
    "AddUser": "user_id:i",
    "GetPermissionsList": "status:s permissions.permission:l",
    "GetUsers": f"{PAGE} users:l",
    "UpdateUser": "user_id:i",
    "CreateSsoToken": "access_token:s redirect_url:s",
    "ValidateLogin": "userid:i passwordhash:s twoFactorEnabled:b",
    "GetHealthStatus": "checks:d",
    "GetServers": "servers:l fetchStatus:x",
    "GetSupportDepartments": "totalresults:i departments.department:l",
    "GetSupportStatuses": "totalresults:i statuses.status:l",
    "GetTicket": "ticketid:i tid:s c:s deptid:i deptname:s userid:i contactid:i name:s email:s cc:s date:s subject:s status:s priority:s "
    "admin:s lastreply:s flag:i service:s replies.reply:l notes.note:l requestor_name:s requestor_type:s requestor_email:s",
    "GetTicketAttachment": "filename:s data:s",
    "GetTicketCounts": "filteredDepartments:l allActive:i awaitingReply:i flaggedTickets:i status:d",
    "GetTicketNotes": "totalresults:i notes.note:l",
    "GetTickets": f"{PAGE} tickets.ticket:l",
    "UpdateClientProduct": "serviceid:i",
    "UpgradeProduct": "oldproductid:i oldproductname:s newproductid:i newproductname:s daysuntilrenewal:i totaldays:i "
    "newproductbillingcycle:s price:s id:i orderid:i order_number:s invoiceid:i upgradeinprogress:i",
    "UpdateClientAddon": "id:i",
}
#: Lists that hold the one thing that was asked for, in an honest call.
FILLED = set(
    "GetOrders GetProducts GetPromotions GetInvoices GetPayMethods GetQuotes GetTransactions GetClients GetClientGroups GetClientsAddons "
    "GetClientsProducts GetContacts GetUsers GetServers GetSupportDepartments GetTicketNotes GetTickets GetCredits GetCurrencies".split()
)


def is_a(kind: str, value) -> bool:
    """Whether a value of JSON is of the type."""
    if kind == "i":
        return not isinstance(value, bool) and isinstance(value, int | str) and str(value).lstrip("-").isdigit()
    if kind == "n":
        return isinstance(value, str) and value.lstrip("-").replace(".", "", 1).isdigit()
    return kind == "x" or isinstance(value, {"s": str, "l": list, "d": dict, "b": bool}[kind])


def faults(name: str, answer: dict) -> list[str]:
    """What is documented and missing, or of another type; the empty list of what was asked for."""
    found, lists = [], []
    for entry in ANSWERS.get(name, "").split():
        path, _colon, kind = entry.partition(":")
        value = answer
        for key in path.split("."):
            value = value.get(key, answer) if isinstance(value, dict) else answer
        if value is answer or not is_a(kind, value):
            found.append(f"{entry} is {'missing' if value is answer else repr(value)[:60]}")
        if kind == "l":
            lists.append(value)
    if name in FILLED and not any(lists):
        found.append("the list is empty")
    return found
