"""Billing's addresses of the console."""

from django.urls import path

from billing.views.staff import invoice, order, payment, product, product_group, subscription, tax_rate

urlpatterns = [
    path("orders/", order.OrderList.as_view(), name="order_list"),
    path("orders/<int:pk>/", order.OrderDetail.as_view(), name="order_detail"),
    path("orders/<int:pk>/accept/", order.OrderAccept.as_view(), name="order_accept"),
    path("orders/<int:pk>/cancel/", order.OrderCancel.as_view(), name="order_cancel"),
    path("invoices/", invoice.InvoiceList.as_view(), name="invoice_list"),
    path("invoices/new/", invoice.InvoiceCreate.as_view(), name="invoice_create"),
    path("invoices/<int:pk>/", invoice.InvoiceDetail.as_view(), name="invoice_detail"),
    path("invoices/<int:pk>/pdf/", invoice.InvoicePdf.as_view(), name="invoice_pdf"),
    path("invoices/<int:pk>/cancel/", invoice.InvoiceCancel.as_view(), name="invoice_cancel"),
    path("invoices/<int:pk>/pay/", invoice.InvoicePay.as_view(), name="invoice_pay"),
    path("invoices/<int:pk>/charge/", invoice.InvoiceCharge.as_view(), name="invoice_charge"),
    path("invoices/<int:pk>/remind/", invoice.InvoiceRemind.as_view(), name="invoice_remind"),
    path("invoices/<int:pk>/mail/", invoice.InvoiceMail.as_view(), name="invoice_mail"),
    path("payments/", payment.PaymentList.as_view(), name="payment_list"),
    path("payments/match/", payment.PaymentMatch.as_view(), name="payment_match"),
    path("payments/<int:pk>/", payment.PaymentDetail.as_view(), name="payment_detail"),
    path("payments/<int:pk>/refund/", payment.PaymentRefund.as_view(), name="payment_refund"),
    path("subscriptions/", subscription.SubscriptionList.as_view(), name="subscription_list"),
    path("subscriptions/<int:pk>/", subscription.SubscriptionDetail.as_view(), name="subscription_detail"),
    path("subscriptions/<int:pk>/suspend/", subscription.SubscriptionSuspend.as_view(), name="subscription_suspend"),
    path("subscriptions/<int:pk>/resume/", subscription.SubscriptionResume.as_view(), name="subscription_resume"),
    path("subscriptions/<int:pk>/cancel/", subscription.SubscriptionCancel.as_view(), name="subscription_cancel"),
    path("subscriptions/<int:pk>/keep/", subscription.SubscriptionKeep.as_view(), name="subscription_keep"),
    path("subscriptions/<int:pk>/price/", subscription.SubscriptionPrice.as_view(), name="subscription_price"),
    path("products/", product.ProductList.as_view(), name="product_list"),
    path("products/new/", product.ProductEdit.as_view(), name="product_create"),
    path("products/<int:pk>/", product.ProductEdit.as_view(), name="product_edit"),
    path("products/groups/", product_group.ProductGroupList.as_view(), name="product_group_list"),
    path("products/groups/new/", product_group.ProductGroupEdit.as_view(), name="product_group_create"),
    path("products/groups/<int:pk>/", product_group.ProductGroupEdit.as_view(), name="product_group_edit"),
    path("tax-rates/", tax_rate.TaxRateList.as_view(), name="tax_rate_list"),
    path("tax-rates/new/", tax_rate.TaxRateEdit.as_view(), name="tax_rate_create"),
    path("tax-rates/<int:pk>/", tax_rate.TaxRateEdit.as_view(), name="tax_rate_edit"),
]
