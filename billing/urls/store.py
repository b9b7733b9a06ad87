"""The shop: open to everybody."""

from django.urls import path

from billing.views.store import bundle, cart, checkout, configure, papers, pay, plans, quote

urlpatterns = [
    path("", plans.HomeView.as_view(), name="plans"),
    path("plans/<slug:group>/", plans.GroupView.as_view(), name="group"),
    path("plans/<slug:group>/<slug:slug>/", plans.ProductView.as_view(), name="product"),
    path("order/<slug:slug>/", configure.ConfigureView.as_view(), name="configure"),
    path("bundle/<slug:slug>/", bundle.BundleView.as_view(), name="bundle"),
    path("terms/", papers.PaperView.as_view(paper="terms"), name="terms"),
    path("imprint/", papers.PaperView.as_view(paper="imprint"), name="imprint"),
    path("privacy/", papers.PaperView.as_view(paper="privacy"), name="privacy"),
    path("help/", papers.PaperView.as_view(paper="help"), name="help"),
    path("robots.txt", papers.robots, name="robots"),
    path("sitemap.xml", papers.sitemap, name="sitemap"),
    path("cart/", cart.CartView.as_view(), name="cart"),
    path("cart/code/", cart.CodeView.as_view(), name="cart_code"),
    path("cart/undo/", cart.UndoView.as_view(), name="cart_undo"),
    path("cart/<int:pk>/", configure.LineView.as_view(), name="cart_line"),
    path("cart/<int:pk>/remove/", cart.RemoveView.as_view(), name="cart_remove"),
    path("cart/<int:pk>/cycle/", cart.CycleView.as_view(), name="cart_cycle"),
    path("checkout/", checkout.CheckoutView.as_view(), name="checkout"),
    path("checkout/vat/", checkout.VatNumberView.as_view(), name="checkout_vat"),
    path("checkout/sum/", checkout.SumView.as_view(), name="checkout_sum"),
    path("pay/<str:token>/", pay.PayView.as_view(), name="pay"),
    path("pay/<str:token>/return/", pay.ReturnView.as_view(), name="pay_return"),
    path("pay/<str:token>/state/", pay.StateView.as_view(), name="pay_state"),
    path("quote/<str:token>/", quote.QuoteView.as_view(), name="quote"),
    path("quote/<str:token>/pdf/", quote.QuotePdf.as_view(), name="quote_pdf"),
]
