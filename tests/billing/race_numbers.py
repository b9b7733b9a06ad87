"""One process of the number race (test_number_race.py): threads that draw numbers, keep most and give some back."""

import random
import sys
from threading import Thread


def draw(seed: int, count: int) -> None:
    """Draw `count` numbers in transactions of their own; every tenth is given back at the last moment."""
    from django.db import connection, transaction

    from billing.actions.numbering import draw_number
    from hostbill.core import clock

    chance = random.Random(seed)
    kept = 0
    while kept < count:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                drawn = draw_number(chance.choice(["invoice", "credit_note"]), clock.today())
                cursor.execute(
                    "INSERT INTO race_numbers VALUES (%s, %s, %s)", [drawn.series, drawn.series_number, drawn.number]
                )
                if chance.random() < 0.1:
                    raise InterruptedError
            kept += 1
        except InterruptedError:
            continue
    connection.close()


if __name__ == "__main__":
    import django

    django.setup()
    workers, each, first = (int(word) for word in sys.argv[1:4])
    threads = [Thread(target=draw, args=(first + number, each)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
