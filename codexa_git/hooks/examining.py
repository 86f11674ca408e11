"""Whether git would run our hooks here: what stands in their places, and who put it there."""

from codexa_git.errors import CodexaError
from codexa_git.hooks.installing import Found, hooks_folder, places, rewritten_by
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.doctor.checkup import Finding, failed, note, problem, well

_INSTALL = "git codexa hooks install"


def hooks_here(ground: Ground) -> Finding:
    """What git would run at a commit and a push; a framework's hooks are told of as such."""
    store, where = ground.store, _where(ground.store)
    try:
        found = places(store, ground.ref)
    except CodexaError as error:
        return failed("hooks", error)
    ours = [place.hook for place in found if place.found is Found.OURS]
    old = [place.hook for place in found if place.found is Found.OLDER]
    foreign = [place.hook for place in found if place.found is Found.FOREIGN]
    if len(ours) == len(found):
        program = rewritten_by(hooks_folder(store))
        told = f", until {program} writes its folder anew" if program else ""
        return well("hooks", f"all {len(found)} would run, in {where}{told}")
    if old:
        told = f"{', '.join(old)} in {where}: of another version, or not executable"
        return problem("hooks", told, _INSTALL)
    if ours:
        missing = [place.hook for place in found if place.found is not Found.OURS]
        return problem("hooks", f"{', '.join(missing)} not in {where}", _INSTALL)
    if foreign:
        told = f"{', '.join(foreign)} in {where}: somebody else's, which may call ours"
        framework = "or by the pre-commit framework: git codexa init writes its entries"
        return note("hooks", told, f"{_INSTALL} keeps them, and runs them first", framework)
    return note("hooks", f"none in {where}: no gate is asked at a commit or a push", _INSTALL)


def _where(store: Store) -> str:
    folder, top = hooks_folder(store), store.work_tree
    inside = top is not None and folder.is_relative_to(top)
    return str(folder.relative_to(top) if top is not None and inside else folder)
