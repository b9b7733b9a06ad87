"""Passwords of sandbox accounts: strength and storage (hashed only: the state may be read by anyone on the machine)."""

import hashlib


def strength(password: str) -> int:
    """0 to 100, roughly as panels score: length and kinds of characters."""
    kinds = sum(
        any(test(char) for char in password)
        for test in (str.islower, str.isupper, str.isdigit, lambda char: not char.isalnum())
    )
    return min(100, len(set(password)) * 5 + kinds * 12)


def hashed(password: str) -> str:
    """What is stored."""
    return hashlib.sha256(password.encode()).hexdigest()
