"""What stands around every staff page: the menu of a role, how much waits, and what is wrong."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import lazy_gettext as _l

from proms import clock
from proms.db.queries.people import member
from proms.db.queries.red_bar import RedBar, red_bar
from proms.db.queries.worklist import waiting_patients
from proms.db.tables import Site, Staff
from proms.domain.person import Role
from proms.web import request_context

CARERS = frozenset({Role.NURSE, Role.COORDINATOR})


@dataclass(frozen=True)
class MenuEntry:
    """One line of the menu and who sees it."""

    endpoint: str
    icon: str
    title: str
    roles: frozenset[Role]


MENU = (
    MenuEntry("staff.worklist", "list", _l("Worklist"), CARERS),
    MenuEntry("staff.patients", "user", _l("Patients"), CARERS),
    MenuEntry("staff.data", "chart", _l("Data"), frozenset({Role.ANALYST, Role.ADMINISTRATOR})),
    MenuEntry("staff.instruments", "note", _l("Questionnaires"), frozenset(Role)),
    MenuEntry("staff.roster", "clock", _l("On duty"), CARERS | {Role.ADMINISTRATOR}),
    MenuEntry("staff.people", "people", _l("Staff"), frozenset({Role.ADMINISTRATOR})),
)
HOMES = {
    Role.NURSE: "staff.worklist",
    Role.COORDINATOR: "staff.patients",
    Role.ANALYST: "staff.data",
    Role.ADMINISTRATOR: "staff.people",
}


@dataclass(frozen=True)
class Layout:
    """The person, her menu, the number of patients on the worklist, and the red bar."""

    me: Staff
    my_name: str
    site: Site
    menu: tuple[MenuEntry, ...]
    waiting: int
    red_bar: RedBar

    @property
    def role(self) -> Role:
        return Role(self.me.role)

    @property
    def is_nurse(self) -> bool:
        return self.role is Role.NURSE

    @property
    def is_coordinator(self) -> bool:
        return self.role is Role.COORDINATOR

    @property
    def sees_codes(self) -> bool:
        return self.role in CARERS

    @property
    def sees_set_aside(self) -> bool:
        return self.role in CARERS | {Role.ADMINISTRATOR}


def layout() -> Layout:
    """The layout of this request's page, read once."""
    if "layout" not in g:
        me = request_context.current_staff()
        role = Role(me.role)
        with request_context.reading() as session:
            g.layout = Layout(
                me=me,
                my_name=member(session, request_context.keyring(), me).name,
                site=session.get_one(Site, me.site_id),
                menu=tuple(entry for entry in MENU if role in entry.roles),
                waiting=waiting_patients(session, me.site_id),
                red_bar=red_bar(
                    session,
                    request_context.keyring(),
                    me.site_id,
                    now=request_context.now(),
                    real_now=clock.now(),
                    served=request_context.parts().settings.served.kinds,
                    plans=request_context.message_plans(),
                ),
            )
    return g.layout


def zone() -> ZoneInfo:
    """The site's time zone."""
    return ZoneInfo(layout().site.timezone)
