"""Use cases of billing. One module per noun; callers import from the module."""
