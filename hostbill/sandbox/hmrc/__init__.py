"""A stand-in for HMRC, the tax office of the United Kingdom: its check of VAT numbers."""
