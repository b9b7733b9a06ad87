"""Questions and answers on a product's own page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_truncate_guard")]

    operations = [
        migrations.AddField(
            model_name="product",
            name="faq",
            field=models.TextField(
                blank=True,
                help_text="On the plan's own page: the question on a line of its own, its answer below, an empty line between them.",
                verbose_name="questions and answers",
            ),
        ),
    ]
