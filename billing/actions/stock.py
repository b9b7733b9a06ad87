"""Limited stock: taken when something is sold or changed to, given back when that comes to nothing."""

from django.db.models import F
from django.utils.translation import gettext as _

from billing.models import Product, SubscriptionChange
from billing.queries.terms import Terms
from hostbill.core.errors import AppError


def move_stock(change: SubscriptionChange, *, taking: bool) -> None:
    """Take what the change is to; give back what is left behind (the other way round when it is withdrawn), by conditional
    updates in the order of ids. AppError "out_of_stock"."""
    before, after = Terms.from_json(change.before), Terms.from_json(change.after)
    moves = {before.product_id: 0, after.product_id: 0}
    moves[before.product_id] -= before.quantity
    moves[after.product_id] += after.quantity
    for pk in sorted(moves):
        count = moves[pk] if taking else -moves[pk]
        if not count:
            continue
        rows = Product.objects.filter(pk=pk, stock__isnull=False)
        taken = rows.filter(stock__gte=max(count, 0)).update(stock=F("stock") - count)
        if taking and count > 0 and not taken and rows.exists():
            raise AppError(_("%(product)s is sold out.") % {"product": rows.get()}, code="out_of_stock", field="target")
