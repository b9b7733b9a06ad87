"""Objects as dicts with the keys that WHMCS documents, in the order of its samples."""
