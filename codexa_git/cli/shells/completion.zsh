#compdef codexa-git git-codexa
# Completes codexa-git, git-codexa, and through git's own completion `git codexa`, in zsh.

_codexa_git() {
    local line kind word about
    local -a found
    for line in "${(@f)$(_CODEXA_COMPLETE=1 codexa-git "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        IFS=$'\t' read -r kind word about <<<"$line"
        case $kind in
        word) found+=("${word//:/\\:}${about:+:$about}") ;;
        file) _files ;;
        esac
    done
    (( $#found )) && _describe -V 'codexa' found
}

# What git's completion calls for `git codexa`.
_git-codexa() { _codexa_git "$@" }
zstyle ':completion:*:*:git:*' user-commands codexa:'plain git carries a gated delivery process'

# As a file of fpath it is called to complete; where it is sourced it says what it completes.
if [[ ${funcstack[1]} == _codexa-git ]]; then
    _codexa_git "$@"
elif (( $+functions[compdef] )); then
    compdef _codexa_git codexa-git git-codexa
fi
