# shellcheck shell=dash
# Finds the address at which workers reach this machine, and checks the shape of addresses.

# own_address [INTERFACE]: prints the first IPv4 address, or otherwise the first permanent IPv6 address, of
# the interface, by default of the interface of the default route.
own_address() {
  local interface=$1 scope='' family found
  if [ -z "$interface" ]; then
    scope='scope global'
    interface=$(default_interface)
  fi
  for family in 4 6; do
    # shellcheck disable=SC2086 # scope is two words or none
    found=$(ip -o "-$family" addr show ${interface:+dev "$interface"} $scope 2>/dev/null | first_address)
    [ -z "$found" ] || break
  done
  printf %s "$found"
}

# The interface of the default route; none when there is no such route.
default_interface() {
  { ip -4 route; ip -6 route; } 2>/dev/null |
    awk '$1 == "default" { for (i = 2; i < NF; i++) if ($i == "dev") { print $(i + 1); exit } }'
}

# Skips link-local addresses, which other machines cannot use, and temporary ones.
first_address() {
  awk '/ (tentative|temporary|deprecated|dadfailed)/ { next }
    { for (i = 2; i < NF; i++) if ($i ~ /^inet6?$/ && $(i + 1) !~ /^fe80:/) {
        sub(/\/.*/, "", $(i + 1)); print $(i + 1); exit } }'
}

# Whether this can be an address or a host name. Such a text is safe to insert anywhere.
is_address() {
  case $1 in
    '' | *[!A-Za-z0-9.:-]* | [.-]* | *[.-]) return 1 ;;
  esac
  [ ${#1} -le 253 ]
}
