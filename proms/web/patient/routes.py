"""The blueprint every patient view hangs on."""

from flask import Blueprint

pages = Blueprint("patient", __name__)
