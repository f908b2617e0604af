"""A hospital's own file, looked at before it is saved: /staff/import and /staff/import/labs."""
