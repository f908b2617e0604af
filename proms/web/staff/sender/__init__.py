"""The name at the head of a site's messages, and the messages as they are sent: /staff/sender."""
