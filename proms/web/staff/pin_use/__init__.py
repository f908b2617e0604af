"""Whether the patients of a site have a PIN: /staff/pin-use."""
