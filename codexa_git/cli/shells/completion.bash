# Completes codexa-git, git-codexa, and through git's own completion `git codexa`, in bash.

_codexa_git() {
    local first=1 kind word about
    # Git's completion may have options of git before the command.
    if [[ ${COMP_WORDS[0]##*/} == git ]]; then
        while [[ $first -lt $COMP_CWORD && ${COMP_WORDS[first]} != codexa ]]; do
            first=$((first + 1))
        done
        first=$((first + 1))
    fi
    COMPREPLY=()
    while IFS=$'\t' read -r kind word about; do
        case $kind in
        word) COMPREPLY+=("$word") ;;
        file) compopt -o default 2>/dev/null ;;
        esac
    done < <(_CODEXA_COMPLETE=1 codexa-git "${COMP_WORDS[@]:first:COMP_CWORD-first+1}" 2>/dev/null)
}

# What git's completion calls for `git codexa`.
_git_codexa() {
    _codexa_git
    # Git's completion adds no space by itself.
    if [[ ${#COMPREPLY[@]} -eq 1 ]]; then
        COMPREPLY=("${COMPREPLY[0]} ")
    fi
}

complete -F _codexa_git codexa-git git-codexa
