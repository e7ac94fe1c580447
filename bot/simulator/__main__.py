"""Run the simulator alone: python -m bot.simulator --whatsapp-webhook http://127.0.0.1:8080/channels/whatsapp"""

import argparse
import asyncio
import contextlib
import sys

from .server import Simulator, run


def tell(sim: Simulator) -> None:
    """Say how to connect the product."""
    lines = [f"The phones are at {sim.url}/ - start the product with:"]
    lines += [f"{name}={value}" for name, value in sim.environment().items()]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Read the command line; 1 when the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m bot.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--whatsapp-webhook", default="", help="where webhooks of WhatsApp go")
    args = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        try:
            asyncio.run(run(args.host, args.port, args.whatsapp_webhook, tell))
        except OSError:
            sys.stderr.write(f"{args.host}:{args.port} is taken or not ours. Choose another --port.\n")
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
