"""How the rules did at a site, month by month."""
