"""What staff may be allowed to do in billing."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.access import Permission, register_permissions

CATALOGUE = _("Catalogue")
BILLING = _("Billing")

register_permissions(
    [
        Permission("billing.product.view", _("See products and prices"), area=CATALOGUE),
        Permission("billing.product.edit", _("Change products, groups and prices"), area=CATALOGUE),
        Permission("billing.promotion.view", _("See promotions"), area=CATALOGUE),
        Permission("billing.promotion.edit", _("Make and change promotions"), area=CATALOGUE),
        Permission("billing.price_update.view", _("See changes of prices of running services"), area=CATALOGUE),
        Permission("billing.price_update.edit", _("Change prices of running services, many at once"), area=CATALOGUE),
        Permission("billing.exchange_rate.view", _("See exchange rates"), area=CATALOGUE),
        Permission("billing.tax_rate.view", _("See tax rates"), area=CATALOGUE),
        Permission("billing.tax_rate.edit", _("Change tax rates"), area=CATALOGUE),
        Permission("billing.order.view", _("See orders"), area=BILLING),
        Permission("billing.order.create", _("Place orders for clients"), area=BILLING),
        Permission("billing.order.price", _("Set a price of their own in an order"), area=BILLING),
        Permission("billing.order.begin", _("Have an order set up before it is paid"), area=BILLING),
        Permission("billing.order.accept", _("Accept orders"), area=BILLING),
        Permission("billing.order.cancel", _("Cancel orders"), area=BILLING),
        Permission("billing.subscription.view", _("See subscriptions"), area=BILLING),
        Permission("billing.subscription.suspend", _("Suspend and resume subscriptions"), area=BILLING),
        Permission("billing.subscription.cancel", _("Cancel and end subscriptions"), area=BILLING),
        Permission("billing.subscription.change", _("Change plan, cycle, quantity and options of subscriptions"), area=BILLING),
        Permission("billing.subscription.transfer", _("Hand subscriptions over to other clients"), area=BILLING),
        Permission("billing.subscription.price", _("Change the price of a subscription"), area=BILLING),
        Permission("billing.subscription.discount", _("Grant discounts on subscriptions and orders"), area=BILLING),
        Permission("billing.usage.view", _("See metered use"), area=BILLING),
        Permission("billing.usage.record", _("Record metered use and correct it"), area=BILLING),
        Permission("billing.invoice.view", _("See invoices"), area=BILLING),
        Permission("billing.invoice.create", _("Write invoices"), area=BILLING),
        Permission("billing.invoice.cancel", _("Cancel issued invoices"), area=BILLING),
        Permission("billing.credit_note.create", _("Issue credit notes and corrections"), area=BILLING),
        Permission("billing.series.edit", _("Change number series"), area=BILLING),
        Permission("billing.invoice.remind", _("Send invoices and reminders"), area=BILLING),
        Permission("billing.quote.view", _("See quotes"), area=BILLING),
        Permission("billing.quote.edit", _("Write and deliver quotes"), area=BILLING),
        Permission("billing.quote.accept", _("Accept quotes for clients and invoice them"), area=BILLING),
        Permission("billing.billable.view", _("See billable items"), area=BILLING),
        Permission("billing.billable.edit", _("Write and invoice billable items"), area=BILLING),
        Permission("billing.tax_exempt", _("Charge clients no tax"), area=BILLING),
        Permission("billing.payment.view", _("See payments"), area=BILLING),
        Permission("billing.payment.book", _("Book bank payments"), area=BILLING),
        Permission("billing.payment.refund", _("Refund payments"), area=BILLING),
        Permission("billing.charge.create", _("Charge saved cards"), area=BILLING),
        Permission("billing.credit.edit", _("Grant credit"), area=BILLING),
        Permission("billing.payment_method.view", _("See saved payment methods"), area=BILLING),
        Permission("billing.payment_method.edit", _("Remove saved payment methods"), area=BILLING),
        Permission("billing.account.edit", _("Park and unpark accounts"), area=BILLING),
        Permission("billing.preview.run", _("Look ahead at what automation will do"), area=BILLING),
        Permission("billing.ledger.view", _("See the ledger and reports"), area=BILLING),
        Permission("billing.ledger.edit", _("Name ledger accounts and say what they are called elsewhere"), area=BILLING),
        Permission("billing.ledger.export", _("Take the journal along as a file"), area=BILLING),
        Permission("billing.ledger.close", _("Close months of the books"), area=BILLING),
        Permission("billing.ledger.reopen", _("Open closed months of the books again"), area=BILLING, by_name=True),
        Permission("billing.invoice.write_off", _("Write off unpaid invoices"), area=BILLING, by_name=True),
        Permission("billing.gateway.view", _("See messages of payment gateways"), area=BILLING),
    ]
)
