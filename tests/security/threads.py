"""Doing the same thing at the same moment, each in a thread with its own database connection."""

import threading

from django.db import connection


def at_once(count, act):
    """Run `act(number)` in `count` threads that start together; gives the results, an exception in place of one that
    raised."""
    results, start = [None] * count, threading.Barrier(count)

    def run(number):
        try:
            start.wait(30)
            results[number] = act(number)
        except Exception as error:  # noqa: BLE001 - the caller judges what may be raised
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
