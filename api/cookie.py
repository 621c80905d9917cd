"""The cookie of a session, and what a browser must say beside it: a change has to come from our own pages."""

import hmac
from urllib.parse import urlsplit

from starlette.requests import Request

from api.sessions import PREFIX, Presented, present
from referral.errors import NotAllowed, NotSignedIn

COOKIE = "__Host-lodestar"
CSRF = "x-csrf-token"
SAFE = frozenset({"GET", "HEAD"})  # these change nothing


class OtherSite(NotAllowed):
    """This did not come from a page of this installation."""

    code = "other_site"


def by_cookie(request: Request, address: str) -> Presented:
    """The session that the cookie names. Raises NotSignedIn, and OtherSite for a change that is not from our pages."""
    found = [
        value
        for line in request.headers.getlist("cookie")
        for name, _, value in (part.strip().partition("=") for part in line.split(";"))
        if name == COOKIE
    ]
    if len(found) != 1 or not found[0].startswith(PREFIX):
        raise NotSignedIn
    presented = present(found[0])
    if request.method not in SAFE:
        require_own_page(request, address)
        words = request.headers.getlist(CSRF)
        if len(words) != 1 or not hmac.compare_digest(words[0].encode(), presented.csrf.encode()):
            raise OtherSite
    return presented


def require_own_page(request: Request, address: str) -> None:
    """Raise OtherSite unless the browser says that this comes from a page of ours."""
    site, origin = request.headers.getlist("sec-fetch-site"), request.headers.getlist("origin")
    own = urlsplit(address)
    if site != ["same-origin"] and (site or origin != [f"{own.scheme}://{own.netloc}"]):
        raise OtherSite
