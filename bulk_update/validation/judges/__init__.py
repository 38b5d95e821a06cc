"""One file for each type of custom field and each kind of target: what its values may be."""
