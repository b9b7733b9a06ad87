"""Whole histories of a shop, made at random: what is sold (`catalogue`), what happens (`machine`), the clock and its jobs (`days`),
and what must hold after every step (`checks`)."""
