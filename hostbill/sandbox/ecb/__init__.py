"""A stand-in for the euro reference rates of the European Central Bank."""
