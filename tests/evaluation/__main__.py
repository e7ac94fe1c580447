"""`python -m tests.evaluation`: measure everything (`… sets`: without ablation and Rasa; `… ablation`, `… nlu`: with
that one); `… fit [general|town] [full|words_only]`: fit
what ships (of the town always both); `… gaps [fit]`: do unanswered questions come together rightly?"""

import sys

from bot.processes.models import encoder_loader
from bot.settings import read
from tests.evaluation.fits import fit_all


def main(words: list[str]) -> int:
    """0 when all goals are met."""
    settings = read()
    encoder, cache = encoder_loader(settings)
    if words[:1] == ["fit"]:
        fit_all(encoder, cache, *words[1:3])
        return 0
    if words[:1] == ["gaps"]:
        from tests.evaluation import gaps

        return gaps.run(encoder, cache, words[1:])
    from tests.evaluation.run import run

    return run(settings, encoder, cache, words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
