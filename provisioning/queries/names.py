"""Names and passwords for new accounts."""

import secrets

from provisioning.panels.usernames import suggest

SETS = ("abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "-_.+=")


def new_password(length: int = 18) -> str:
    """Strong for every panel: at least one character of each set, none that look alike."""
    picked = [secrets.choice(letters) for letters in SETS]
    everything = "".join(SETS)
    picked += [secrets.choice(everything) for _index in range(length - len(picked))]
    secrets.SystemRandom().shuffle(picked)
    # A letter in front: some panels read a leading "-" or "=" as something else.
    return secrets.choice(SETS[0]) + "".join(picked)


def new_username(domain: str, tried=()) -> str:
    """A name that was not tried yet; whether it is free only the panel knows."""
    while True:
        name = suggest(domain)
        if name not in tried:
            return name
