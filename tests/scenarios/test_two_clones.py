"""Two people in two clones, a server and a forge, doing whatever they like in any order."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test
from scenarios.deeds import Deeds
from scenarios.everyday import who
from scenarios.judging import Judged
from scenarios.several import ENOUGH
from scenarios.team import Team, Variant, founded, surroundings
from searching import examples

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("CODEXA_EXAMPLES", "0"))
VARIANTS = {
    "plain": Variant(),
    "a server that refuses": Variant(refusing=True),
    "hooks": Variant(hooks=True),
}


class TwoClones(Deeds, Judged):
    """A team that begins anew and does whatever it likes, in any order."""

    template: Team
    folder: Path

    @initialize(depth=st.integers(0, 6), who=who)
    def begin(self, depth: int, who: int) -> None:
        """A fresh team, perhaps with a change on its way that both of them are on."""
        place = self.folder / "team-now"
        shutil.rmtree(place, ignore_errors=True)
        self.team = self.template.copied(place)
        self.start = self.team.branches()["main"]
        if depth:
            self.verb(self.clone(who), "open", "Work", *ENOUGH)
            for _ in range(depth):
                self.goes_on(who)
            self.git(self.clone(1 - who), "fetch", "-q")
            self.git(self.clone(1 - who), "switch", "-q", "change/CH-001")


def _settings(number: int) -> settings:
    return settings(
        max_examples=EXAMPLES or number,
        stateful_step_count=40 if EXAMPLES else 24,
        deadline=None,
        derandomize=not EXAMPLES,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )


@pytest.mark.parametrize("name", VARIANTS)
def test_whatever_two_people_do_nothing_is_lost_and_every_landing_is_judged_right(
    name: str, tmp_path: Path
) -> None:
    with surroundings(tmp_path):
        made = founded(tmp_path / "template", VARIANTS[name])

        class Here(TwoClones):
            template, folder = made, tmp_path

        run_state_machine_as_test(Here, settings=_settings(examples(3)))
