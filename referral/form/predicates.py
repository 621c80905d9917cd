"""The conditions on which questions are asked. Each looks at the answers and nothing else."""

from referral.form.field import Answers, When


def said(field: str, *values: str) -> When:
    """The answer to `field` is one of `values`."""
    return lambda answers: answers.get(field) in values


def ticked(field: str, value: str) -> When:
    """`value` is among the ticks of `field`."""

    def is_ticked(answers: Answers) -> bool:
        ticks = answers.get(field)
        return isinstance(ticks, list) and value in ticks

    return is_ticked


def both(first: When, second: When) -> When:
    """Both conditions hold."""
    return lambda answers: first(answers) and second(answers)


def always(_: Answers) -> bool:
    """Asked of everyone, in a referral and in a notification."""
    return True


def treated_as_child(answers: Answers) -> bool:
    """Under 18, or not sure: not sure is treated as a child until the age has been assessed."""
    return answers.get("under_18") in ("yes", "not_sure")


def adult(answers: Answers) -> bool:
    """Known to be an adult."""
    return answers.get("under_18") == "no"


def refuses(answers: Answers) -> bool:
    """An adult who does not want to be referred. A child's refusal is not asked for, so it does not count."""
    return adult(answers) and answers.get("wants_referral") == "no"


def adult_agrees(answers: Answers) -> bool:
    """An adult who agrees to be referred."""
    return adult(answers) and answers.get("wants_referral") == "yes"


def forces_referral(answers: Answers) -> bool:
    """There is no notification for a child: child or not sure is always referred, whatever else was answered."""
    return treated_as_child(answers)


def is_referral(answers: Answers) -> bool:
    """The form will be a referral, not a notification."""
    return forces_referral(answers) or adult_agrees(answers)


def cooperates(answers: Answers) -> bool:
    """Willing to cooperate with the authorities."""
    return answers.get("cooperates") == "yes"


def notifies_named(answers: Answers) -> bool:
    """A notification that carries name and contact, because the adult cooperates."""
    return refuses(answers) and cooperates(answers)


def notifies_anonymous(answers: Answers) -> bool:
    """A notification without any identity: the adult refuses and has not said yes to cooperating."""
    return refuses(answers) and not cooperates(answers)


def names_the_person(answers: Answers) -> bool:
    """The person's name is asked."""
    return is_referral(answers) or notifies_named(answers)


def gives_gender(answers: Answers) -> bool:
    """Gender and nationality are asked in both branches, once it is known which."""
    return is_referral(answers) or refuses(answers)


def support_asked(answers: Answers) -> bool:
    """The support question is for adults who are referred; a child's support does not hang on an answer."""
    return adult_agrees(answers)


def wants_support(answers: Answers) -> bool:
    """An adult who is referred and asks for support: the phone question follows."""
    return support_asked(answers) and answers.get("needs_support") == "yes"


def writes_to_person(answers: Answers) -> bool:
    """The person's own contact is asked: for the decision letter, or in a named notification."""
    return (adult_agrees(answers) and answers.get("decision_to") == "person") or notifies_named(answers)


def writes_to_someone_else(answers: Answers) -> bool:
    """The decision goes to someone else, with the adult's permission."""
    return adult_agrees(answers) and answers.get("decision_to") == "someone_else"


def happened_in_uk(answers: Answers) -> bool:
    """At least part of the exploitation was in the United Kingdom."""
    return answers.get("where_happened") in ("uk", "uk_and_overseas")


def happened_overseas(answers: Answers) -> bool:
    """At least part of the exploitation was overseas."""
    return answers.get("where_happened") in ("overseas", "uk_and_overseas")
