# Prints those of $IMAGES that the container engine of this machine has, one "<image> <identifier>" a line.
engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
for image in $IMAGES; do
  identifier=$("$engine" image inspect --format '{{.Id}}' -- "$image" 2>/dev/null) && echo "$image $identifier"
done
exit 0
