"""One clinic verb a function, one transaction, one audit entry; always `by` and `now`."""
