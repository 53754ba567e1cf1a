# shellcheck shell=dash
# Shared by both services: the context of the machine, and the stored result of an earlier boot.

# shellcheck source=agents/lib/pairing.sh
. "${PAIRING_ROOT:-}/usr/lib/cernvm-cluster-pairing/pairing.sh"

instance=$PAIRING_ROOT/var/lib/cloud/instance

# Reads the context from where cloud-init keeps it, as it came or else with what it includes, or from where
# the µCernVM bootloader leaves it. Without a context, the machine does not pair.
read_machine_context() {
  local file
  cluster_pin=
  for file in "$instance/user-data.txt" "$instance/user-data.txt.i" \
    "$PAIRING_ROOT/mnt/.rw/context/user-data"; do
    [ -r "$file" ] || continue
    read_context "$file" || return
    [ -z "$cluster_pin" ] || return 0
  done
}

# cloud-init writes its files again at every boot, but a PIN is valid for a day only. So the result
# is stored beside them, for as long as the machine is the same instance.
memory=$instance/cluster-pairing

# remember WORD
remember() {
  known=$1
  if [ -d "$instance" ]; then (umask 077 && echo "$cluster_pin $1" >"$memory"); fi
}

# Sets `known` to what an earlier boot remembered for this PIN; fails when there is nothing.
recall() {
  local pin
  [ -r "$memory" ] && read -r pin known <"$memory" && [ "$pin" = "$cluster_pin" ] && [ -n "$known" ]
}
