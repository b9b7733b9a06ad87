"""A stand-in for VIES, the VAT number service of the European Commission."""
