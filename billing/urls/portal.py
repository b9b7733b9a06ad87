"""Billing's addresses of the client area."""

from django.urls import path

from billing.views.portal import credit_note, einvoice, invoice, payment, payment_method, quote, statement, subscription

urlpatterns = [
    path("invoices/", invoice.InvoiceList.as_view(), name="invoice_list"),
    path("invoices/pay/", payment.PaySeveral.as_view(), name="invoice_pay_several"),
    path("invoices/<int:pk>/", invoice.InvoiceDetail.as_view(), name="invoice_detail"),
    path("invoices/<int:pk>/pdf/", invoice.InvoicePdf.as_view(), name="invoice_pdf"),
    path("einvoices/<int:pk>/file/", einvoice.EInvoiceFile.as_view(), name="einvoice_file"),
    path("credit-notes/", credit_note.CreditNoteList.as_view(), name="credit_note_list"),
    path("credit-notes/<int:pk>/", credit_note.CreditNoteDetail.as_view(), name="credit_note_detail"),
    path("credit-notes/<int:pk>/pdf/", credit_note.CreditNotePdf.as_view(), name="credit_note_pdf"),
    path("invoices/<int:pk>/pay/", invoice.InvoicePay.as_view(), name="invoice_pay"),
    path("invoices/<int:pk>/more-days/", invoice.InvoiceMoreDays.as_view(), name="invoice_more_days"),
    path("quotes/", quote.QuoteList.as_view(), name="quote_list"),
    path("quotes/<int:pk>/", quote.QuoteDetail.as_view(), name="quote_detail"),
    path("quotes/<int:pk>/pdf/", quote.QuotePdf.as_view(), name="quote_pdf"),
    path("statement/", statement.StatementView.as_view(), name="statement"),
    path("payment-methods/", payment_method.PaymentMethodList.as_view(), name="payment_method_list"),
    path("payment-methods/add/", payment_method.PaymentMethodAdd.as_view(), name="payment_method_add"),
    path("payment-methods/add/<int:pk>/", payment_method.SetupForm.as_view(), name="payment_method_form"),
    path("payment-methods/add/<int:pk>/return/", payment_method.SetupReturn.as_view(), name="payment_method_return"),
    path("payment-methods/<int:pk>/default/", payment_method.PaymentMethodDefault.as_view(), name="payment_method_default"),
    path("payment-methods/<int:pk>/remove/", payment_method.PaymentMethodRemove.as_view(), name="payment_method_remove"),
    path("payment-methods/automatic/", payment_method.AutoCharge.as_view(), name="auto_charge"),
    path("subscriptions/<int:pk>/", subscription.SubscriptionDetail.as_view(), name="subscription_detail"),
    path("subscriptions/<int:pk>/cancel/", subscription.SubscriptionCancel.as_view(), name="subscription_cancel"),
    path("subscriptions/<int:pk>/keep/", subscription.SubscriptionKeep.as_view(), name="subscription_keep"),
]
