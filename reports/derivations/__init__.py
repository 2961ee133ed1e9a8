"""From rows of the CRFs to analysis datasets, as pure functions: the same rows give the same datasets."""
