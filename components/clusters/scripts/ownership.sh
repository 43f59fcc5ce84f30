# For scripts that ask whose a kind cluster is. A node has a mount /flatmesh/<owner>/<identity> from its first moment; the owner is
# a random identifier that the state of one stack alone has ($OWNER). What version 0.1 has made carries the names of project and
# stack in its place, /flatmesh/<project>/<stack>/<identity>, which stacks of other backends may have as well: such a node is of
# the stack that has claimed it, by a file in it. $engine is the container engine's command.
# Without it every owner would be this one.
: "${OWNER:?}"
claim_file=/kind/flatmesh-owner
# What a node carries, without /flatmesh/ in front; nothing where no stack has made it.
mark_of() {
  "$engine" inspect --format '{{range .Mounts}}{{println .Destination}}{{end}}' "$1" 2>/dev/null | sed -n 's|^/flatmesh/||p' | head -n 1
}
# Can be read in a stopped node as well.
claimant_of() {
  "$engine" cp "$1:$claim_file" - 2>/dev/null | tar -xOf - 2>/dev/null | head -c 256
}
# The identity of the cluster that a node is of, where the cluster is this stack's; nothing else. Of what version 0.1 has made and nobody has
# claimed, those are this stack's whose marks are in $FORMER_MARKS: its state has them.
identity_of() {
  mark=$(mark_of "$1")
  case $mark in
  */*/*)
    claimant=$(claimant_of "$1")
    case "$claimant:$mark: ${FORMER_MARKS-} " in
    "$OWNER":*) ;;
    :"$OWNER"/*) ;;
    :*" $mark "*) ;;
    *) return 0 ;;
    esac
    ;;
  "$OWNER"/*) ;;
  *) return 0 ;;
  esac
  printf '%s\n' "${mark##*/}"
}
# Makes a node that version 0.1 has made this stack's, for good. Fails where it does not run, where it is another one than the state
# has ($FORMER_AUTHORITY is the certificate authority of that), and where another stack was faster.
claim() {
  case $(mark_of "$1") in
  */*/*) ;;
  *) return 0 ;;
  esac
  if [ -z "$(claimant_of "$1")" ]; then
    authority=$("$engine" exec "$1" cat /etc/kubernetes/pki/ca.crt 2>/dev/null | base64 | tr -d '\n')
    [ -n "$authority" ] && [ "$authority" = "${FORMER_AUTHORITY-}" ] || return 1
    printf '%s' "$OWNER" | "$engine" exec --interactive "$1" sh -c "set -C; cat >$claim_file" 2>/dev/null || true
  fi
  [ "$(claimant_of "$1")" = "$OWNER" ]
}
