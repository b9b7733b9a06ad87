"""The shop: open to everybody."""

from django.urls import path

from billing.views.store import cart, checkout, pay, plans

urlpatterns = [
    path("", plans.PlansView.as_view(), name="plans"),
    path("plans/<slug:group>/", plans.PlansView.as_view(), name="group"),
    path("order/<slug:slug>/", plans.ConfigureView.as_view(), name="configure"),
    path("terms/", plans.TermsView.as_view(), name="terms"),
    path("cart/", cart.CartView.as_view(), name="cart"),
    path("cart/<int:pk>/remove/", cart.RemoveView.as_view(), name="cart_remove"),
    path("cart/<int:pk>/cycle/", cart.CycleView.as_view(), name="cart_cycle"),
    path("checkout/", checkout.CheckoutView.as_view(), name="checkout"),
    path("pay/<str:token>/", pay.PayView.as_view(), name="pay"),
    path("pay/<str:token>/return/", pay.ReturnView.as_view(), name="pay_return"),
    path("pay/<str:token>/state/", pay.StateView.as_view(), name="pay_state"),
]
