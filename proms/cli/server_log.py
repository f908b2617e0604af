"""What gunicorn writes: nothing of a request, whose address may hold a link's token."""

import json
import logging
from typing import Any

from gunicorn.glogging import Logger

from proms.logs import LibraryLine

# They start, watch and stop the web processes, and see no request.
MASTER = {"arbiter", "sock"}


class ServerLine(LibraryLine):
    """A line of the server: in its own words only where they cannot be about a request."""

    def format(self, record: logging.LogRecord) -> str:
        if record.module in MASTER and not record.exc_info:
            said = record.getMessage().partition("\n")[0]  # a traceback may follow
            return json.dumps({"event": "server", "said": said, "level": record.levelname.lower()})
        return super().format(record)


class ServerLog(Logger):
    """gunicorn's logger with our lines; its access log says how a request went and not which."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(ServerLine())

    # The line names who called, and that is not this module.
    def critical(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        self.error_log.critical(msg, *args, stacklevel=2, **kwargs)

    def error(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        self.error_log.error(msg, *args, stacklevel=2, **kwargs)

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        self.error_log.warning(msg, *args, stacklevel=2, **kwargs)

    def info(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        self.error_log.info(msg, *args, stacklevel=2, **kwargs)

    def debug(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        self.error_log.debug(msg, *args, stacklevel=2, **kwargs)

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        self.error_log.exception(msg, *args, stacklevel=2, **kwargs)

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        if not self.access_log_enabled:
            return
        line = {
            "event": "request",
            "method": req.method if req.method in METHODS else "other",
            "status": int(str(resp.status).split(maxsplit=1)[0]),
            "ms": round(request_time.total_seconds() * 1000),
        }
        self.access_log.info("%s", json.dumps(line))


METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}
