# Prints how the container $NAME is, as "<state> joined|apart owner=<owner> image=<image>" (joined: it is on the network of the nodes),
# or "absent" where there is none. Nothing where nobody can tell.
engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
network=${KIND_EXPERIMENTAL_DOCKER_NETWORK:-kind}

there=$("$engine" ps --all --quiet --filter "name=^/?$NAME\$" 2>/dev/null) || exit 0
if [ -z "$there" ]; then
  echo absent
  exit 0
fi
"$engine" inspect --format "{{.State.Status}} {{if index .NetworkSettings.Networks \"$network\"}}joined{{else}}apart{{end}} owner={{index .Config.Labels \"flatmesh.owner\"}} image={{index .Config.Labels \"flatmesh.image\"}}" "$NAME" 2>/dev/null
exit 0
