"""A move while it is being decided: a working copy of one case, and the values that will be written. Touches no database."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any

import orjson

from referral import audit
from referral.access import Actor, Part, Relation
from referral.basis import Participation
from referral.ids import new_id
from referral.reckoning import local_day
from referral.snapshot import AgencyRow, AgreementRow, CaseRow, DeadlineRow, Snapshot, StrandRow
from referral.storage import Change
from workflows import sharing
from workflows.ask import Ask
from workflows.facts import Effect, Facts
from workflows.forms import Form
from workflows.jurisdiction import Jurisdiction
from workflows.made import Made
from workflows.table import Workflow


def _agency_of(actor: Actor) -> AgencyRow:
    return AgencyRow(actor.agency, actor.agency_kind, active=True, nation=actor.nation)


# dataclasses.replace() would take ten times as long, for every strand of every move.
_all_of_case = attrgetter(*CaseRow.__slots__)


def _copied(strand: StrandRow) -> StrandRow:
    return StrandRow(
        strand.id, strand.workflow, strand.number, strand.state, strand.version, strand.entered_at, dict(strand.facts)
    )  # fmt: skip


class Plan:
    """One case as it will be, and all the rows that make it so."""

    def __init__(
        self, snapshot: Snapshot, case: CaseRow, ask: Ask, law: Jurisdiction, relation: Relation | None = None
    ) -> None:
        """`relation` is how the asker stands to the case; a new one, of which nothing is stored yet, has none."""
        new = relation is None
        self.snapshot, self.ask, self.law, self.new, self.relation = snapshot, ask, law, new, relation
        self.case = CaseRow(*_all_of_case(case))
        self.strands: list[StrandRow] = [] if new else [_copied(strand) for strand in snapshot.strands]
        self.deadlines: list[DeadlineRow] = [] if new else list(snapshot.deadlines)
        self.parts = set(snapshot.parts_at(ask.now)) if not new else set()
        self.lapsed = set(snapshot.parts) - self.parts if not new else set()  # over by themselves, and not yet recorded
        self.shares = {share.pair: share for share in snapshot.shares} if not new else {}
        self.joined: set[tuple[str, str]] = set()
        self.team = {user: agency for agency, user, _ in snapshot.members} if not new else {}
        self.occurred: datetime = ask.occurred or ask.now
        self.day = local_day(self.occurred, law.zone)  # on which it happened, where the case is
        self.made: list[Made] = []
        self.touched: dict[str, StrandRow] = {}
        self.born: set[str] = set()  # strands that this plan opens
        self.columns: dict[str, Any] = {}
        self.change = Change(case=None if new else case.id, version=case.version)
        self.started: list[dict[str, str]] = []
        self.ended: list[str] = []
        self.opens: list[tuple[str, dict[str, Any], str]] = []  # further cases: (opening move, form, id)
        actor = ask.actor
        self.agencies = {**snapshot.agencies, actor.agency: _agency_of(actor)}
        self._was_open = case.open

    def facts(self, strand: StrandRow | None, form: Form | None, *, actor: Any = None) -> Facts:
        """The frozen picture for guards and effects, as things stand in this plan."""
        seen = self.snapshot
        return Facts(
            case=self.case, strand=strand, strands=tuple(self.strands), parts=frozenset(self.parts),
            actor=actor or self.ask.actor, now=self.ask.now, occurred=self.occurred, law=self.law,
            lapsed=frozenset(self.lapsed), holders=frozenset(who for who, _ in (*self.shares, *self.parts)),
            running=self._running(), form=form, agencies=self.agencies, agreements=seen.agreements,
            users=seen.users, beds=seen.beds, cases=seen.cases, answers=seen.answers, identity=seen.identity,
            whereabouts=seen.whereabouts, reveal_factor=self.ask.reveal_factor,
            of_team=bool(self.relation and self.relation.team),
        )  # fmt: skip

    def _running(self) -> frozenset[str]:
        """Names of the deadlines that still run; a floor that has passed holds nobody back any more."""
        return frozenset(
            row.name
            for row in self.deadlines
            if row.state == "running" and not (row.kind == "floor" and row.due_at <= self.occurred)
        )

    def open_strand(self, workflow: Workflow, state: str) -> StrandRow:
        """A new strand, numbered within its workflow."""
        number = 1 + sum(strand.workflow == workflow.name for strand in self.strands)
        strand = StrandRow(new_id(), workflow.name, number, state, 0, self.occurred, {})
        self.strands.append(strand)
        self.born.add(strand.id)
        return strand

    def apply(self, strand: StrandRow, state: str, form: Form, effect: Effect | None) -> None:
        """Enter the state, remember what was told, and keep what the effect asks to be written."""
        if strand.state != state or strand.version == 0:
            strand.state, strand.entered_at = state, self.occurred
        strand.version += 1
        strand.facts.update(form.facts())
        self.touched[strand.id] = strand
        if effect is None:
            return
        for name in effect.forget:
            strand.facts.pop(name, None)
        strand.facts.update(effect.remember)
        for name, value in effect.case.items():
            setattr(self.case, name, value)
        self.columns.update(effect.case)
        self._take_part(effect)
        self.opens += effect.opens
        self._keep(effect)

    def _keep(self, effect: Effect) -> None:
        """The rows that go, and those that come."""
        if effect.forgets and not self.new:
            self.change.forgets = effect.forgets
        if effect.destroys_key:
            self.change.update("keys", {"id": self.case.id, "wrapped": None, "destroyed_at": self.ask.now})
        for row in effect.rows:
            self.change.add(row.table, row.values)
        for row in effect.changes:
            self.change.update(row.table, row.values)

    def _take_part(self, effect: Effect) -> None:
        """Agencies that join or leave, and people who are of their teams."""
        for agency, part in effect.join:
            self.join(agency, part)
        for agency, part in effect.leave:
            self.leave(agency, str(part))
        for user in effect.enlist:
            self.enlist(user, self.snapshot.users[user].agency)
        for user in effect.dismiss:
            self.dismiss(user)

    def join(self, agency: str, part: Part | str) -> None:
        """An agency now takes part, and so sees the case."""
        pair = (agency, str(part))
        if pair not in self.parts:
            self.parts.add(pair)
            self.lapsed.discard(pair)
            self.joined.add(pair)
            self.shares[pair] = sharing.participation(self.case, self.strands, *pair, self.law.zone)
            self._participant(pair, until=None)

    def leave(self, agency: str, part: str) -> None:
        """An agency no longer takes part as this. What was over by itself ended then, not now."""
        pair = (agency, part)
        if pair in self.parts | self.lapsed:
            ends = self.shares[pair].ends_on if pair in self.lapsed and pair in self.shares else None
            self.parts.discard(pair)
            self.lapsed.discard(pair)
            self._participant(pair, until=ends or self.ask.now)
            self._disband(agency)

    def share(self) -> None:
        """Bring basis, classes and end of every part up to date with what the moves have changed."""
        for pair in sorted(self.parts | self.lapsed):
            old = self.shares.get(pair)
            new = sharing.participation(self.case, self.strands, *pair, self.law.zone)
            if pair in self.joined and pair[1] == Part.PARTNER:
                new = sharing.participation(self.case, self.strands, *pair, self.law.zone, self._agreement(new))
            elif old is not None:
                new = replace(new, agreement=old.agreement, agreement_until=old.agreement_until)
            self.shares[pair] = new
            if new != old:
                self._participant(pair, until=None)
            (self.lapsed if new.lapsed(self.ask.now) else self.parts).add(pair)
            (self.parts if new.lapsed(self.ask.now) else self.lapsed).discard(pair)

    def _agreement(self, share: Participation) -> AgreementRow | None:
        rows, owner = self.snapshot.agreements, self.case.owner_agency
        return sharing.running(rows, owner, share.agency, share.purpose, share.classes, self.day)

    def enlist_asker(self) -> None:
        """Whoever makes a move on a person's case, in a role in which they are of its team, is of the team by name."""
        actor = self.ask.actor
        if actor.kind == "user" and self.case.kind == "person" and (self.relation is None or self.relation.team):
            self.enlist(actor.id, actor.agency)

    def enlist(self, user: str, agency: str) -> None:
        """Somebody is of the team now, by name."""
        if user not in self.team:
            self.team[user] = agency
            self._member(user, agency, until=None)

    def dismiss(self, user: str) -> None:
        """Somebody is no longer of the team."""
        if user in self.team:
            self._member(user, self.team.pop(user), until=self.ask.now)

    def _disband(self, agency: str) -> None:
        """The team of an agency that no longer takes part at all."""
        if not any(who == agency for who, _ in self.parts):
            for user in [user for user, home in self.team.items() if home == agency]:
                self.dismiss(user)

    def _member(self, user: str, agency: str, until: datetime | None) -> None:
        self.change.add("members", {
            "case_id": self.case.id, "user_id": user, "agency_id": agency, "since": self.ask.now, "until": until,
            "purpose": self.ask.move,
        })  # fmt: skip

    def _participant(self, pair: tuple[str, str], until: datetime | None) -> None:
        share = self.shares.get(pair) or sharing.participation(self.case, self.strands, *pair, self.law.zone)
        self.change.add("participants", {
            "case_id": self.case.id, "agency_id": pair[0], "part": pair[1], "since": self.ask.now, "until": until,
            "opened_at": self.case.opened_at, "open": self.case.open, "basis": share.basis, "purpose": share.purpose,
            "classes": " ".join(share.classes), "ends_on": share.ends_on, "agreement_id": share.agreement,
        })  # fmt: skip

    def number(self, holds_open: frozenset[str], ended: Mapping[str, frozenset[str]]) -> None:
        """Number the arrows, and turn the working copy into rows."""
        case, now = self.case, self.ask.now
        for made in self.made:
            case.version += 1
            made.seq = case.version
        for strand in self.touched.values():
            told = orjson.dumps(strand.facts, option=orjson.OPT_SORT_KEYS).decode()
            moved = {
                "id": strand.id,
                "state": strand.state,
                "version": strand.version,
                "entered_at": strand.entered_at,
                "facts": told,
            }
            if strand.id in self.born:
                self.change.add(
                    "strands",
                    {
                        **moved,
                        "case_id": case.id,
                        "workflow": strand.workflow,
                        "number": strand.number,
                        "opened_at": now,
                    },
                )
            else:
                self.change.update("strands", moved)
        case.open = any(s.workflow in holds_open and s.state not in ended[s.workflow] for s in self.strands)
        if case.open != self._was_open and not self.new:
            for pair in sorted(self.parts | self.lapsed):
                self._participant(pair, until=None)

    def note(self) -> None:
        """Keep the free text apart, each with its event."""
        for made in self.made:
            if notes := made.form.notes():
                text = orjson.dumps(notes).decode()
                named = made.leads and "name" in self.snapshot.said
                note = {"case_id": self.case.id, "seq": made.seq, "text": text, "names_person": named}
                self.change.add("notes", note)

    def chain(self, bound: dict[str, Any]) -> None:
        """Turn the numbered arrows into chained events, once it is known what they did to rows; the last one binds these."""
        case, now = self.case, self.ask.now
        for made in self.made:
            body = audit.canonical(
                made.body(case, self.ask, self.occurred, self.law.key) | (bound if made is self.made[-1] else {})
            )
            prev, case.head = case.head, audit.link(case.head, body)
            self.change.add("events", {
                "case_id": case.id, "seq": made.seq, "recorded_at": now, "body": body.decode(), "prev": prev,
                "hash": case.head,
            })  # fmt: skip
            self.change.add("unsealed", {"case_id": case.id, "seq": made.seq})  # it is numbered once it is committed

    def settle(self) -> None:
        """Set the columns of the case, once its deadlines are known."""
        case = self.case
        case.next_due_at = min((d.due_at for d in self.deadlines if d.state == "running"), default=None)
        self.columns |= {
            "version": case.version, "head": case.head, "open": case.open, "updated_at": self.ask.now,
            "next_due_at": case.next_due_at,
        }  # fmt: skip
        if not self.new:
            self.change.columns = self.columns
            return
        self.change.rows = {"cases": [{
            "id": case.id, "reference": case.reference, "kind": case.kind, "jurisdiction": case.jurisdiction,
            "opened_at": case.opened_at, "salt": case.salt, "child": case.child, "adult_on": case.adult_on,
            "authority": case.authority, "owner_agency": case.owner_agency, "owner_user": case.owner_user,
            "operation_id": case.operation_id, **self.columns,
        }], **self.change.rows}  # fmt: skip
