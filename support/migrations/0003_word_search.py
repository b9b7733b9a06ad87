"""Search by words, without keeping writers out while the index is made."""

from django.db import migrations

from hostbill.core.search import WordIndex


class Migration(migrations.Migration):
    """Not atomic: the index is made concurrently."""

    atomic = False
    dependencies = [("support", "0002_departments"), ("core", "0005_word_search")]
    operations = [
        WordIndex("support_ticket", "support_ticket_words", "subject"),
    ]
