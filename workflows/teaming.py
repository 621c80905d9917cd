"""Who of an agency's staff is of a case's team: colleagues are added and removed by moves, like everything else."""

from referral.errors import Reason
from workflows.facts import Effect, Facts
from workflows.forms import Form, UserId


class Colleague(Form):
    """Which colleague."""

    colleague: UserId


def is_a_colleague(facts: Facts) -> Reason | None:
    """Only somebody who works in the agency of whoever asks; another agency names its own people."""
    if not isinstance(facts.form, Colleague):
        return None
    row = facts.users.get(facts.form.colleague)
    if row is None or not row.active or row.agency != facts.actor.agency:
        return Reason("not_a_colleague", "This is nobody who works in your agency.")
    return None


def is_not_accountable(facts: Facts) -> Reason | None:
    """The accountable worker gives the case up by a hand-over, and is not taken off it."""
    if isinstance(facts.form, Colleague) and facts.form.colleague == facts.case.owner_user:
        return Reason("is_accountable", "This is the accountable worker: the case has to be handed over first.")
    return None


def enlist(_: Facts, form: Colleague) -> Effect:
    """They see the case from now on. The strand that carries the move does not remember whom."""
    return Effect(enlist=(form.colleague,), forget=("colleague",))


def dismiss(_: Facts, form: Colleague) -> Effect:
    """They no longer see it, unless nobody of their role is left: then the duty team stands in again."""
    return Effect(dismiss=(form.colleague,), forget=("colleague",))
