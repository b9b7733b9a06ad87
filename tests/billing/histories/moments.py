"""When a rule of a history has something to do, and what its numbers are drawn from."""

from hypothesis import strategies as st

NUMBER = st.integers(0, 11)
CYCLES = st.sampled_from(["monthly", "quarterly", "annual"])


def needs(what: str):
    """A rule is for those moments at which there is something to do."""
    return lambda machine: what in machine.possible
