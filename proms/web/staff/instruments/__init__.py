"""The instruments as staff read them: /staff/instruments."""
