# shellcheck shell=dash
# The members of a cluster: its workers, each with a name, an address and a state. These requests need an open cluster
# (open_cluster).

# put_member STATE [DETAIL]: lists this machine among the members. Sets `member_name` and `member_address`, which may
# be set to those of an earlier boot before, and calls remember_member. Fails, and explains, when it is not listed.
put_member() {
  local earlier=${member_address:-} others=0
  member_address=$(own_address "${cluster_interface:-$PAIRING_INTERFACE}")
  is_address "$member_address" || {
    problem='this machine has no address' fatal=yes status=400
    return 1
  }
  : "${member_name:=$(default_name)}"
  until is_name_free "$earlier" && send_member "$@"; do
    [ -n "$name_is_taken" ] || return
    others=$((others + 1))
    [ "$others" -le 3 ] || return
    member_name=$(another_name "$others")
  done
  remember_member
}

# Does nothing where there is no place to store it.
remember_member() { :; }

# is_name_free EARLIER: whether no other machine has joined under the name. The service accepts a second machine at the
# same client address, such as that of a router, so this compares the members' own addresses. EARLIER is an address
# that this machine had.
is_name_free() {
  local body=$scratch/body.1 address name
  name_is_taken=
  add_request 10 "$cluster_url/members/$member_name" 'header = "Accept: text/plain"'
  send_requests
  case $status in
    404) return ;;
    200)
      if is_text "$body" && read -r address name <"$body" && is_address "$address" && [ "$name" = "$member_name" ]; then
        [ "$address" != "$member_address" ] && [ "$address" != "$1" ] || return 0
        explain_taken
        return 1
      fi
      ;;
  esac
  explain
  return 1
}

send_member() { # STATE [DETAIL]
  printf '{"address":"%s","state":"%s"%s}' "$member_address" "$1" \
    "${2:+,\"detail\":\"$(json_text "$2")\"}" >"$scratch/item"
  add_request 10 "$cluster_url/members/$member_name" 'header = "Content-Type: application/json"' \
    'header = "Accept: application/json"' 'request = "PUT"' "data = \"@$scratch/item\""
  send_requests
  case $status in 200 | 201) return ;; esac
  explain
  [ "$status" != 409 ] || ! is_our_body '"code":"member-exists"' || explain_taken
  [ "$status" != 409 ] || ! is_our_body '"code":"cluster-full"' || problem='the cluster has as many members as it may have (HTTP 409)' fatal=yes
  return 1
}

explain_taken() {
  name_is_taken=yes
  problem="another machine has joined as $member_name" fatal=yes status=409
}

# json_text TEXT: prints it without what a JSON string has to escape, and not too long.
json_text() { printf %s "$1" | tr '\n\t' '  ' | LC_ALL=C tr -cd ' -~' | tr -d '"\\' | cut -c 1-200; }

# The host name, where the machine has one of its own; the bootloader has none.
default_name() {
  local name=$PAIRING_NAME
  [ -n "$name" ] || name=$(uname -n)
  name=$(host_name "$name")
  case $name in
    '' | none | localhost | localhost.*) name=worker-$(host_name "$member_address" | tr . -) ;;
  esac
  case ${name##*.} in
    *[!0-9]*) echo "$name" ;;
    *) echo "worker-$name" | tr . - ;; # the last label must not be a number
  esac
}

# host_name TEXT: prints it as a host name (RFC 1123).
host_name() {
  printf %s "$1" | tr 'A-Z:_' 'a-z--' | LC_ALL=C tr -cd 'a-z0-9.-' | cut -c 1-200 |
    sed 's/\.\.*/./g; s/^[-.]*//; s/[-.]*$//; s/-*\.-*/./g'
}

# another_name N: prints the host name with a suffix in its first label: the first time one that this machine would
# choose again, for places in which nothing can be stored.
another_name() {
  local name suffix
  name=$(default_name)
  suffix=$({
    cat "$PAIRING_ROOT/etc/machine-id" 2>/dev/null
    echo "$member_address $1"
    [ "$1" -eq 1 ] || head -c 8 /dev/urandom
  } | sha256sum | cut -c 1-5)
  case $name in
    *.*) echo "$(first_label "${name%%.*}")-$suffix.${name#*.}" ;;
    *) echo "$(first_label "$name")-$suffix" ;;
  esac
}

# A label has at most 63 characters.
first_label() { printf %s "$1" | cut -c 1-57 | sed 's/-*$//'; }

# read_members: sets `worker_ips` to the addresses in the last answer, with commas, and `members` to their number.
# Fails unless the answer is a list of lines `address name`.
read_members() {
  local body=$scratch/body.1
  [ "$status" = 200 ] && is_text "$body" || return
  worker_ips=$(LC_ALL=C awk '
    !/^[A-Za-z0-9:][A-Za-z0-9.:-]* [A-Za-z0-9][A-Za-z0-9.-]*$/ { bad = 1; exit }
    { printf "%s%s", (NR > 1 ? "," : ""), $1 }
    END { exit bad }
  ' "$body") || return
  members=$(wc -l <"$body")
  members=$((members))
}

# explain_members PROBLEM: sets `problem` after a request for the list. Only a service without members answers 404 with
# a body.
explain_members() {
  explain
  [ "$status" = 404 ] || return 0
  if [ -s "$scratch/body.1" ] && ! is_our_body '"code":"too-few-members"'; then
    get_cluster || return
    problem="$service_url keeps no list of workers" status=404 fatal=yes
  else
    is_pin_known "$1"
  fi
}

# list_members [STATE]: reads the members, of all states by default.
list_members() {
  add_request 20 "$cluster_url/members${1:+?state=$1}" 'header = "Accept: text/plain"' "$MEMBERS_SIZE"
  send_requests
  read_members || {
    explain_members 'the cluster has no members'
    return 1
  }
}

# More than the longest list has as JSON, 6.2 MB. It replaces the limit of other answers, and ulimit in send_requests allows it.
MEMBERS_SIZE='max-filesize = 8388608'
