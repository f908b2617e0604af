"""What a WSGI server loads."""

from proms import logs
from proms.factory import create_app

logs.watch_process()
app = create_app()
