# shellcheck shell=dash
# The shared library: what a machine does at boot to pair with its cluster.
#
# Sourced, never run. It needs a POSIX shell with `local` (dash, busybox ash and bash have it), curl
# 7.48 or newer, and awk, base64, gzip, mktemp and od, all of which busybox has. It does not change
# the shell's options, because in µCernVM it runs inside the init.

# The root of all files that are read or written: empty on a machine, a scratch folder in tests.
: "${PAIRING_ROOT:=}"
pairing_lib=$PAIRING_ROOT/usr/lib/cernvm-cluster-pairing

# Prints one line on the console. It may contain text from outside, so unprintable characters are removed.
say() {
  printf 'Cluster pairing: %s\n' "$*" | LC_ALL=C tr -cd '\n -~'
}

# Prints a line unless it is the same as the last one, so that a wait of 25 minutes takes few lines.
say_once() {
  [ "$*" = "${said:-}" ] || say "$*"
  said=$*
}

# shellcheck source=agents/lib/settings.sh
. "$pairing_lib/settings.sh"
# shellcheck source=agents/lib/layers.sh
. "$pairing_lib/layers.sh"
# shellcheck source=agents/lib/context.sh
. "$pairing_lib/context.sh"
# shellcheck source=agents/lib/address.sh
. "$pairing_lib/address.sh"
# shellcheck source=agents/lib/replace.sh
. "$pairing_lib/replace.sh"
# shellcheck source=agents/lib/retry.sh
. "$pairing_lib/retry.sh"
# shellcheck source=agents/lib/service.sh
. "$pairing_lib/service.sh"
# shellcheck source=agents/lib/problem.sh
. "$pairing_lib/problem.sh"
# shellcheck source=agents/lib/wait.sh
. "$pairing_lib/wait.sh"
# shellcheck source=agents/lib/member.sh
. "$pairing_lib/member.sh"
# shellcheck source=agents/lib/master.sh
. "$pairing_lib/master.sh"
# shellcheck source=agents/lib/worker.sh
. "$pairing_lib/worker.sh"
