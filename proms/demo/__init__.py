"""An invented clinic with months behind it, made through the real actions, the same every time."""
