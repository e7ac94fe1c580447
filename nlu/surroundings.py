"""What programs that we start learn of our environment: tokens and passwords stand there, too."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

USUAL = (
    *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "LANG", "LANGUAGE", "LC_*"),
    *("PYTHON*", "LD_LIBRARY_PATH", "MPLCONFIGDIR", "XDG_CACHE_HOME"),
    *("OMP_*", "MKL_*", "OPENBLAS_*", "TOKENIZERS_*", "MALLOC_*"),
)
"""What a program needs to run at all: where things lie, in which language and time, with how many threads."""
FETCHING = ("*_PROXY", "*_proxy", "SSL_CERT_*", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HF_*", "TRANSFORMERS_*")
"""Of one that may have to fetch a model: how the network is reached, whom it trusts, where models lie."""


def usual(ours: Mapping[str, str], *more: str) -> dict[str, str]:
    """The part of our environment that any program gets, and what `more` (patterns) names."""
    return {name: value for name, value in ours.items() if any(fnmatchcase(name, known) for known in (*USUAL, *more))}
