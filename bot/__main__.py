"""`stadtbote`: reads the settings, picks the command, turns expected errors into one clear sentence."""

import asyncio
import importlib
import logging
import os
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace

# Before anything that loads a maths library: one thread per model, they share few cores (PLATFORMS).
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("PTB_TIMEDELTA", "1")  # python-telegram-bot: retry_after as timedelta

from bot import logs, runtime, settings
from bot.commands.parser import parser
from bot.processes.life import short_name
from bot.settings import Settings, SettingsError
from faq.catalogue import CatalogueError
from faq.marked import FileError
from faq.schema import DatabaseUnusable

# Each is imported only when it is asked for: `users add` must not wait for torch.
ACTIONS = {
    "up": ("bot.commands.run", "run_up"),
    "restart": ("bot.commands.run", "run_restart"),
    "simulator": ("bot.commands.run", "run_simulator"),
    "prepare": ("bot.commands.setup", "run"),
    "doctor": ("bot.commands.doctor", "run"),
    "backup": ("bot.commands.backup", "run"),
    "restore": ("bot.commands.backup", "run"),
    "demo": ("bot.commands.demo", "run"),
    "talk": ("bot.commands.talk", "run"),
    "ask": ("bot.commands.ask", "run"),
    "eval": ("bot.commands.measure", "run"),
    "faq": ("bot.commands.corpus", "run"),
    "town": ("bot.commands.townfile", "run"),
    "nlu": ("bot.commands.nlu", "run"),
    "users": ("bot.commands.users", "run"),
    "numbers": ("bot.commands.numbers", "run"),
    "dead": ("bot.commands.dead", "run"),
    "job": ("bot.jobs.work", "run"),
}

TALKING = ("talk", "ask")


def _level(command: str, chosen: settings.Settings) -> str:
    """Who talks in the terminal wants to read the conversation, unless more was asked for."""
    return "warning" if command in TALKING and chosen.log_level == "info" else chosen.log_level


def main() -> int:
    """The exit status: 0 well, 1 a mistake that the message explains, 2 wrong words (argparse)."""
    args = parser().parse_args()
    try:
        chosen = settings.read()
        logs.start(short_name(args.command), _level(args.command, chosen), chosen.log_format)
        return _run(args.command, chosen, args)
    except (SettingsError, FileError, CatalogueError) as error:
        print(f"stadtbote: {error}", file=sys.stderr)
        return 1
    except DatabaseUnusable as error:
        print(f"stadtbote: {error} Check {settings.PREFIX}DATABASE_URL and the database.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing to tell anybody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(command: str, chosen: Settings, args: object) -> int:
    if command in ("web", "worker", "clock"):
        process = importlib.import_module(f"bot.processes.{command}")
        run: Callable[[Settings], Coroutine[None, None, None]] = getattr(process, f"{command}_process")
        with asyncio.Runner(loop_factory=_loop(command)) as runner:
            runner.run(run(_with_store(chosen)))
        # All is closed and kept. Taking the interpreter down with the models in it costs seconds and gains nothing.
        logging.shutdown()
        os._exit(0)
    module, function = ACTIONS[command]
    action: Callable[[Settings, object], int] = getattr(importlib.import_module(module), function)
    return action(chosen, args)


def _loop(command: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The worker's is in C: most of its time goes into the loop. The web's is asyncio's own, None: how a listener ends
    without an error (bot.processes.listener) is made for that one."""
    if command != "worker":
        return None
    import uvloop

    loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return loop


def _with_store(chosen: Settings) -> Settings:
    """A process that runs apart uses the embedded server of its state directory, when none is named."""
    from bot.valkey import embedded

    chosen = runtime.joined(chosen)
    return chosen if chosen.redis_url else replace(chosen, redis_url=embedded(chosen.home).url)


if __name__ == "__main__":
    sys.exit(main())
