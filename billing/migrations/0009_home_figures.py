"""Money by day and subscriptions that ended, for the home page; made without keeping writers out."""

from django.db import migrations, models

from hostbill.core.migrating import AddIndexConcurrently


class Migration(migrations.Migration):
    """Not atomic: the indexes are made concurrently."""

    atomic = False
    dependencies = [("billing", "0008_stays")]
    operations = [
        AddIndexConcurrently("payment", models.Index(fields=["received_on"], name="billing_payment_by_day")),
        AddIndexConcurrently(
            "subscription",
            models.Index(fields=["ended_on"], name="billing_sub_ended", condition=models.Q(("ended_on__isnull", False))),
        ),
    ]
