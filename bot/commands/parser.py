"""What `stadtbote` understands."""

import argparse
from pathlib import Path

from bot.parts import product_version

SIMULATOR_PORT = 8090


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(prog="stadtbote", description="A city's chatbot with a handoff to people.")
    top.add_argument("--version", action="version", version=product_version())
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="run everything")
    up.add_argument("--simulator", action="store_true", help="with two simulated telephones (Telegram, WhatsApp)")
    up.add_argument("--simulator-port", type=int, default=SIMULATOR_PORT, metavar="PORT", help="where they are shown")
    commands.add_parser("restart", help="replace web, worker and clock of a running `up`, without an error for anybody")
    commands.add_parser("prepare", help="build what is built once: encoder, trained model, database, corpus")
    for name, about in (
        ("web", "the web edge: webhooks, chat, console"),
        ("worker", "reception and delivery"),
        ("clock", "leases, retention, polling"),
    ):
        commands.add_parser(name, help=f"run {about} (part of `up`)")
    simulator = commands.add_parser("simulator", help="run the simulated Telegram and WhatsApp")
    simulator.add_argument("--port", type=int, default=SIMULATOR_PORT)
    demo = commands.add_parser("demo", help="play a short day at the town hall")
    demo.add_argument("--quick", action="store_true", help="without pauses for reading; by keywords, without Rasa")
    demo.add_argument("--simulator-port", type=int, default=SIMULATOR_PORT, metavar="PORT", help="of the town to join")

    talk = commands.add_parser("talk", help="write with the bot in this terminal")
    talk.add_argument("--save", type=Path, metavar="FILE", help="write the conversation as a test (YAML)")
    ask = commands.add_parser("ask", help="what would be answered, and why")
    ask.add_argument("question")
    ask.add_argument("--language", default="", help="de, en …; left out: detected")
    ask.add_argument("--draft", action="store_true", help="beside it: what would be answered with every draft released")
    ask.add_argument(
        "--why-not", default="", metavar="ENTRY", help="where this entry stands, and why it does not answer"
    )
    ask.add_argument("--json", action="store_true")

    faq = commands.add_parser("faq", help="the corpus").add_subparsers(dest="faq", required=True, metavar="WHAT")
    load = faq.add_parser("import", help="read entries from a file or folder as drafts: updates, no duplicates")
    load.add_argument("file", type=Path, help="CSV, XLSX, JSONL, YAML, XZuFi XML, Markdown (a folder or a .zip)")
    load.add_argument("--dry-run", action="store_true", help="tell what would change and is wrong, and write nothing")
    which = "say which field a column is, as often as needed; nothing behind = leaves it out"
    load.add_argument("--map", action="append", default=[], metavar="HEADER=FIELD", help=which)
    load.add_argument("--publish", action="store_true", help="publish them at once")
    load.add_argument("--user", default="import", help="whose name the drafts bear")
    save = faq.add_parser("export", help="write the live entries to a file")
    save.add_argument("file", type=Path, help="a .csv, .xlsx, .jsonl, or a .zip of Markdown")
    save.add_argument("--newest", action="store_true", help="the newest versions instead, drafts as well")
    save.add_argument("--topic", default="", help="those of one topic")
    save.add_argument("--query", default="", metavar="WORDS", help="those in whose questions these words stand")
    lint = faq.add_parser("lint", help="look for what is wrong with the entries; status 1 where anything is an error")
    lint.add_argument("--rule", action="append", default=[], metavar="RULE", help="only this rule; may be repeated")
    lint.add_argument("--all", action="store_true", help="with what editors marked as right")
    lint.add_argument("--json", action="store_true")
    gaps = faq.add_parser("gaps", help="what was asked in vain: clusters of questions, the heaviest first")
    gaps.add_argument("--state", default="open", choices=("open", "working", "answered", "foreign", "unclear", "all"))
    gaps.add_argument("--json", action="store_true")
    fit = faq.add_parser("calibrate", help="fit when to answer, on questions about this corpus, and prove it")
    fit.add_argument("--trials", type=Path, required=True, help='JSON lines {"query": …, "relevant_ids": […]}')
    fit.add_argument("--oos", type=Path, help='questions that it does not answer, {"query": …}')

    _releases(faq)

    town = commands.add_parser("town", help="hours, teams and whatever else the console's settings change")
    what = town.add_subparsers(dest="town", required=True, metavar="WHAT")
    take = what.add_parser("import", help="read these from a town.yml; what is new holds at once")
    take.add_argument("file", type=Path)
    take.add_argument("--user", default="import", help="whose name the changes bear")
    what.add_parser("export", help="write the town as it stands to a town.yml").add_argument("file", type=Path)

    nlu = commands.add_parser("nlu", help="models for a Rasa that somebody else runs")
    nlu_what = nlu.add_subparsers(dest="nlu", required=True, metavar="WHAT")
    taught = nlu_what.add_parser("export", help="write what a release adds to the examples that ship")
    taught.add_argument("number", type=int, help="the release's")
    taught.add_argument("file", type=Path)
    train = nlu_what.add_parser("train", help="write the model of a release's examples")
    train.add_argument("what", metavar="NUMBER|FILE", help="a release's number, or what `nlu export` wrote")
    train.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .tar.gz")

    users = commands.add_parser("users", help="accounts of staff").add_subparsers(
        dest="users", required=True, metavar="WHAT"
    )
    add = users.add_parser("add", help="make an account")
    add.add_argument("name")
    add.add_argument("--role", required=True, choices=("clerk", "lead", "editor", "admin", "auditor"))
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add.add_argument("--display-name", default="", help="what citizens read")
    add.add_argument("--teams", default="", help="team ids, separated by commas; left out: all")
    password = users.add_parser("password", help="give an account a new password; ends its sessions")
    password.add_argument("name")
    password.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    for word, about in (("disable", "shut an account out, at once"), ("enable", "let it in again")):
        users.add_parser(word, help=about).add_argument("name")
    teams = users.add_parser("teams", help="say for which teams an account answers")
    teams.add_argument("name")
    teams.add_argument("--teams", default="", help="team ids, separated by commas; left out: all")
    users.add_parser("list", help="show the accounts")

    evaluate = commands.add_parser("eval", help="measure").add_subparsers(dest="eval", required=True, metavar="WHAT")
    retrieval = evaluate.add_parser("retrieval", help="answers found, withheld, and how quickly")
    retrieval.add_argument("--faq", type=Path, required=True)
    retrieval.add_argument("--queries", type=Path, required=True)
    retrieval.add_argument("--oos", type=Path)
    retrieval.add_argument("--general", action="store_true", help="by the thresholds for any corpus, not its own")
    retrieval.add_argument("--certify", action="store_true", help="beside it: fit on one half, prove on the other")
    retrieval.add_argument("--json", action="store_true")
    intents = evaluate.add_parser("intents", help="understanding: train and test on files of your own")
    intents.add_argument("--train", type=Path, required=True)
    intents.add_argument("--test", type=Path, required=True)
    intents.add_argument("--json", action="store_true")

    numbers = commands.add_parser("numbers", help="what citizens asked and what became of it")
    numbers.add_argument("--from", dest="since", default="", metavar="DAY", help="2026-11-01; left out: 28 days")
    numbers.add_argument("--until", default="", metavar="DAY", help="left out: today")
    numbers.add_argument("--open-data", action="store_true", help="whole months, without counts under 5: to publish")
    numbers.add_argument("--json", action="store_true", help="left out: CSV")

    dead = commands.add_parser("dead", help="messages that could not be handled").add_subparsers(
        dest="dead", required=True, metavar="WHAT"
    )
    dead.add_parser("list", help="show them, without citizens' words")
    replay = dead.add_parser("replay", help="put them back into the inbox, each once")
    replay.add_argument("ids", nargs="*", metavar="ID", help="as `dead list` shows them")
    replay.add_argument("--all", action="store_true", help="all of them")
    backup = commands.add_parser("backup", help="everything in one file, while it runs")
    backup.add_argument("file", type=Path, help="a new .tar.gz")
    restore = commands.add_parser("restore", help="put a backup back; Stadtbote must not run")
    restore.add_argument("file", type=Path, nargs="?")
    restore.add_argument("--replace", action="store_true", help="the present state is kept aside")
    restore.add_argument("--queue", action="store_true", help="your own Redis server came back: make its queue safe")
    job = commands.add_parser("job")  # no help: workers call it (bot.jobs.runner)
    job.add_argument("id", type=int)
    job.add_argument("turn", type=int)
    commands.add_parser("doctor", help="look for what is missing or wrong")
    return top


def _releases(faq: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    which = "its number or id, or live"
    listed = faq.add_parser("releases", help="list the releases, and which of them answers")
    listed.add_argument("--limit", type=int, default=20, help="how many, the newest first (20)")
    one = faq.add_parser("release", help="one release").add_subparsers(dest="release", required=True, metavar="WHAT")
    show = one.add_parser("show", help="its story, and what it changed")
    show.add_argument("number", metavar="RELEASE", help=which)
    differ = faq.add_parser("diff", help="what leads from one release to another")
    differ.add_argument("before", metavar="RELEASE", help=which)
    differ.add_argument("after", metavar="RELEASE", help=which)
    propose = faq.add_parser("propose", help="make a release of versions that wait: trials are run against it")
    propose.add_argument("entries", nargs="*", metavar="ENTRY", help="left out: every entry with a draft")
    propose.add_argument("--remove", action="append", default=[], metavar="ENTRY", help="take this entry out")
    propose.add_argument("--title", default="", help="what it is about")
    publish = faq.add_parser("publish", help="make a proposed release live, by the rules of the console")
    publish.add_argument("number", metavar="RELEASE", help=which)
    publish.add_argument("--why", default="", help="a reason overrules the trials, and stands in the log")
    back = faq.add_parser("rollback", help="make an earlier release live again, at once")
    back.add_argument("number", nargs="?", default="", metavar="RELEASE", help="left out: the one before")
    back.add_argument("--why", required=True, help="the reason, for the log")
    for shown in (listed, show, differ):
        shown.add_argument("--json", action="store_true")
    for deed in (propose, publish, back):
        deed.add_argument("--user", default="admin", help="in whose name; publishing signs")
