"""What each table and name of `codexa.toml` means; `policy` refuses to write a page with a gap."""

OPENING = {
    "": "Which rules judge, how, and on what branch.",
    "owner": "`[owner]`: who makes the trust root, and later every change of policy.",
    "people": "`[[people]]`, once for each person who may sign.",
    "gate.plan": "`[gate.plan]`: who approves brief and plan.",
    "gate.results": "`[gate.results]`: who approves the test results, and may waive a test.",
    "gate.package": "`[gate.package]`: who approves every path that differs.",
    "gate.validate.require": "`[[gate.validate.require]]`: what Validate asks besides the tests.",
    "path": "`[[path]]`: who approves besides, in the package, where these paths are touched.",
    "approval": "`[approval]`: what is asked of every approval.",
    "tests": (
        "`[tests]`: what the Tester runs, on a copy of exactly the committed tree and without the"
        " user's environment. A command is one line, split as a shell would; no shell runs. In it"
        " `{env}` is the prepared environment's folder, `{report}` a file for JUnit XML,"
        " `{coverage}` one for Cobertura XML, `{seed}` the plan's seed. Any"
        " other such word is refused; a program's own braces can have spaces in them."
    ),
    "agents": "`[agents.implementer]` and the like: what does the work of each agent. Not yet.",
    "execute": "`[execute]`: the loop of Execute and Validate.",
    "retention": (
        "`[retention]`: what becomes of each kind of evidence. What a gate reads from the tree"
        " stays there: such a kind is kept, or archived, which puts a copy at the change's evidence"
        " ref. Full outputs lie only there, and they alone can be dropped."
    ),
    "evidence": "`[evidence]`: what is kept of outputs.",
    "light": (
        "`[light]`: which work is small enough for the [light path](../how-to/small-changes.md)."
        " Without it there is none."
    ),
    "free": "`[free]`: what may change on the base without a change of its own..",
    "guarded": "`[guarded]`: what no change may touch, besides the list below.",
    "notify": (
        "`[notify.build-status]` and the like: where to tell people, of what"
        " ([how](../how-to/daily-digest.md))."
    ),
    "milestone": "`[milestone.MS-01]` and the like: when a milestone starts.",
}

MEANINGS = {
    "rules": "The rule set that judges; an unknown one is no answer.",
    "mode": "`observe` reports and refuses nothing, and nothing in it is trusted later; `enforce`"
    " refuses.",
    "branch": "The base: the branch that changes land on.",
    "owner.count": "How many owners sign the trust root, and each policy commit after it.",
    "people.email": "The principal: one literal address, as in `.codexa/allowed_signers`.",
    "people.name": "How the person is shown.",
    "people.roles": "What they may say. `owner` makes policy; other names are yours. The five"
    " agents' names are refused.",
    "gate.plan.role": "Whose approval is asked.",
    "gate.plan.count": "Of how many different people.",
    "gate.results.role": "Whose approval is asked.",
    "gate.results.count": "Of how many different people.",
    "gate.results.when": "`unless-all-pass` does not ask where every test passes and the snapshot"
    " matches.",
    "gate.package.role": "Whose approval is asked.",
    "gate.package.count": "Of how many different people.",
    "gate.validate.require.name": "What the requirement is called.",
    "gate.validate.require.run": "The command that the Tester runs; status 0 is a yes.",
    "path.paths": "Globs: `*` stays in a folder, `**` does not.",
    "path.role": "Whose approval is asked.",
    "path.count": "Of how many different people.",
    "path.carry": "`patch`: an approval stands while the text diff does; `exact`: it falls with"
    " every changed byte.",
    "approval.separate": "Two approvals are asked wherever one would be, by a gate or a path. Of"
    " work that is signed whole (`git codexa advance --sign`) results, package and paths ask for as"
    " many as they say, and its signers are none of them.",
    "approval.require_touch": "Only signatures count that a touch of a security key made. As"
    " many owners as sign have to have such a key first.",
    "approval.require_pin": "Only signatures count that a PIN on a security key made. As"
    " many owners as sign have to have such a key first.",
    "tests.setup": "Commands that prepare `{env}`, kept for the next time.",
    "tests.setup_files": "The files whose content, when it changes, has it prepared again.",
    "tests.run": "The test commands, in order. Enforcing asks for one at least.",
    "tests.junit": "Where commands leave JUnit XML, in the tree or at `{report}`; without it, and"
    " without `{report}` in a command, the exit status is the one test.",
    "tests.coverage": "Where commands leave Cobertura XML, in the tree or at `{coverage}`; without"
    " it, and without `{coverage}` in a command, lines are not measured.",
    "tests.touched": "The least percentage that tests have to run of the lines that a change"
    " touches; without it nothing is asked.",
    "tests.unmeasured": "Patterns of files that no coverage report has to name; the files that hold"
    " the tests which ran are left out anyway.",
    "tests.timeout": "Seconds after which a command is ended.",
    "tests.environment": "Names of the user's variables that `setup` may see.",
    "tests.output_limit": "Bytes of output that are kept; sixteen times as much ends a command.",
    "agents.provider": "What does the work; there is one so far, the scripted one.",
    "agents.template": "The prompt template that the agent is given.",
    "execute.tries": "How often the two go round before a person is asked.",
    "retention.results": "Test results.",
    "retention.runs": "What `run.json` and the tasks' files hold.",
    "retention.logs": "Full outputs: `keep` and `archive` record that they stay at the change's"
    " evidence ref, `drop` that they may go.",
    "retention.packet": "The review packet.",
    "retention.drop_after": "Days from closing for which what is dropped is held all the same;"
    " `retention sweep` drops it then. With 0 closing does.",
    "evidence.masks": "Regular expressions: what matches is blotted out of kept output.",
    "light.paths": "The only paths that such a change touches.",
    "light.lines": "The most lines that it changes.",
    "free.paths": "Globs, besides `changes/backlog.toml`, `PROGRESS.md` and"
    " `docs/STATUS_REPORT.md`.",
    "guarded.paths": "Globs.",
    "notify.url_from": "The environment variable that holds the address, which is never in git.",
    "notify.events": "What is told there: the `digest`; each `handoff`, to those whom its record"
    " names; an `approval` that is waited for; each `concern` raised; each `landing`.",
    "milestone.start": "The day on which its first week begins, in UTC.",
}
