"""`lodestar signer`: the signer of checkpoints as a process of its own, its public keys, and a new key."""

import argparse
from typing import TYPE_CHECKING

from api.cli.parser import Commands

if TYPE_CHECKING:
    from pathlib import Path

    from referral.signer import OwnSigner


def declare(commands: Commands) -> None:
    """The command and its options."""
    command = commands.listed(
        "signer",
        "lodestar signer --keys",
        "lodestar signer --new-key --state /var/lib/lodestar-signer",
        run=run,
        more="Needs no database. Run it under a user of its own; LODESTAR_SIGNER names its socket to the others.",
    )
    command.add_argument("--socket", help="listen on this socket until stopped")
    command.add_argument("--state", help="folder of its key and its state (default: signer/ in the data folder)")
    command.add_argument("--origin", help="how the log is named in its checkpoints; said at the first start only")
    command.add_argument("--keys", action="store_true", help="print its public keys, the newest last")
    command.add_argument("--new-key", action="store_true", help="make a new key, which signs from now on")


def run(asked: argparse.Namespace) -> int:
    """Print, renew, or listen."""
    from datetime import UTC, datetime
    from pathlib import Path

    from api.cli.words import Wrong
    from referral.settings import Settings
    from referral.signer import NoSigner, OwnSigner
    from referral.signer_socket import origin_for

    settings = Settings()
    folder = Path(asked.state) if asked.state else settings.data / "signer"
    signer = OwnSigner(folder, asked.origin or origin_for(settings))
    if not (asked.socket or asked.keys or asked.new_key):
        raise Wrong("Say --socket PATH to listen, --keys to see the public keys, or --new-key.")
    try:
        if asked.new_key:
            signer.renew(datetime.now(UTC))
        if asked.keys or asked.new_key:
            print("\n".join(str(key) for key in signer.published()))
            return 0
        signer.last()  # its files are made now, or it is told now what is wrong with them
    except NoSigner as why:
        raise Wrong(str(why)) from None
    return _listen(signer, Path(asked.socket))


def _listen(signer: "OwnSigner", path: "Path") -> int:
    import signal
    import threading
    from datetime import UTC, datetime

    from api.cli.words import aside
    from referral.signer_socket import SignerServer

    with SignerServer(path, signer, lambda: datetime.now(UTC)) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            # Stopping waits for the loop, which runs in this very thread.
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        aside(f"The signer listens at {path}.")
        server.serve_forever(poll_interval=0.1)
    path.unlink(missing_ok=True)
    return 0
