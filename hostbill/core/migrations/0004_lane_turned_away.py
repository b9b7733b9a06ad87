"""Whether somebody waits for a slot of a lane."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A new column with a constant default, on a table of a few rows."""

    dependencies = [("core", "0003_preference")]

    operations = [
        migrations.AddField(
            model_name="lane",
            name="turned_away",
            field=models.BooleanField(default=False, help_text="A row found the lane full and waits for a slot."),
        ),
    ]
