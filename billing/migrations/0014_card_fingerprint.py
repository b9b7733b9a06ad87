"""The same card stored twice is shown once. Rows of before have no fingerprint: they stay as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column with a constant default and a partial index over rows that do not exist yet: both at once."""

    dependencies = [("billing", "0013_begin_right")]
    operations = [
        migrations.AddField(
            "paymentmethod", "fingerprint", models.CharField(blank=True, default="", editable=False, max_length=64), False
        ),
        migrations.AddConstraint(
            "paymentmethod",
            models.UniqueConstraint(
                condition=models.Q(("removed_at__isnull", True), models.Q(("fingerprint", ""), _negated=True)),
                fields=("client", "gateway", "fingerprint"),
                name="billing_method_shown_once",
            ),
        ),
    ]
