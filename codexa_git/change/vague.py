"""Which criteria no one could check: the ones that only praise.

The rule is plain, and made to catch only what is beyond doubt: a criterion is checkable unless it
has fewer than eight characters, or every one of its words is praise ("works well", "is fast",
"better", "user friendly") or a word that says nothing by itself. A figure always counts as
something to observe, and so does any word that is not on these two lists, in any language.
"""

import re

LEAST = 8
PRAISE = """
    adequate adequately appropriate appropriately awesome beautiful best better clean cleaner
    clear convenient cool correct correctly easier easily easy efficient efficiently elegant
    excellent expected fast faster fine flexible friendly good great improved improves intuitive
    maintainable modern nice nicely nicer optimal optimised optimized perfect perfectly
    performant polished proper properly quick quicker quickly reasonable reasonably reliable
    reliably robust robustly scalable seamless seamlessly secure sensible simple simpler slick
    smart smooth smoothly solid stable sufficient usable user users well work working works
"""
FILLING = """
    a all also always an and any app application are as at be becomes behave behaves can code
    does everyone everything experience feature feels for has have in interface is it its looks
    made make makes more most much must no now of on or our performance product program quality
    quite really responsive runs shall should so software stays system than that the their there
    they thing things this to too ui ux very was we will with without
"""

_EMPTY = frozenset((PRAISE + FILLING).split())


def why_vague(criterion: str) -> str | None:
    """Why no one could check this criterion, as the end of a sentence; `None` where one can."""
    if len(criterion) < LEAST:
        return "is too short to say what one would see"
    if _EMPTY.issuperset(re.findall(r"\w+", criterion.casefold())):
        return "names nothing that one could observe"
    return None
