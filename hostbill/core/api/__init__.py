"""The API twin of the generic screens: see docs/api.md. `Noun` is what an app declares in its `api/` folder."""
