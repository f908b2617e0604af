"""What a WSGI server loads."""

from proms.factory import create_app

app = create_app()
