# Completes codexa-git, git-codexa and `git codexa`, in fish.

function __codexa_git_answers
    set -l words (commandline --tokenize --current-process --cut-at-cursor)
    set -l typed (commandline --current-token --cut-at-cursor)
    set -e words[1]
    # Options of git may stand before the command.
    if test "$argv[1]" = git
        set -l place (contains --index -- codexa $words)
        or return
        set -e words[1..$place]
    end
    _CODEXA_COMPLETE=1 codexa-git $words "$typed" 2>/dev/null | while read --local line
        set -l fields (string split --max 2 \t -- $line)
        switch $fields[1]
            case word
                test -n "$fields[3]"
                and printf '%s\t%s\n' $fields[2] $fields[3]
                or printf '%s\n' $fields[2]
            case file
                __fish_complete_path "$typed"
        end
    end
end

function __codexa_git_called_by_git
    contains -- codexa (commandline --tokenize --current-process --cut-at-cursor)
end

for name in codexa-git git-codexa
    complete --command $name --no-files --keep-order --arguments '(__codexa_git_answers)'
end
complete --command git --condition __codexa_git_called_by_git --no-files --keep-order \
    --arguments '(__codexa_git_answers git)'
