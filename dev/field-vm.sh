#!/bin/sh
# A double of the three programs of the images in the field, each as strict as its original: the parser
# of the ucernvm block, the joined URLs, the calls of curl, tries, pauses, the unescaped sed, and markers
# by which each program runs once in the life of a machine.
#   field-vm.sh bootloader         µCernVM: registers a master; a worker waits and fills in /user-data
#   field-vm.sh contextualize      the worker's operating system, after cloud-init's network stage
#   field-vm.sh announce-ready     the master's operating system, after cloud-init's final stage
# For tests and for script/demo: FIELD_ROOT is the root of the machine's files, FIELD_SECOND how many
# seconds one second of the field lasts.
: "${FIELD_ROOT:=}" "${FIELD_SECOND:=1}"
user_data=$FIELD_ROOT/user-data
kept=$FIELD_ROOT/mnt/.rw/context # the init leaves the context here for the operating system
instance_data=$FIELD_ROOT/var/lib/cloud/instance/user-data.txt

# Prints the fields of the block as assignments for the shell. A line opens or closes the block only if
# it is exactly that; a last line without a line end is not read; a first [ucernvm-end] ends it all.
parse_user_data() {
  # sed drops the unfinished last line: it appends an x and removes the line that it stands on.
  { cat "$user_data"; printf x; } | sed '$d' | LC_ALL=C awk '
    $0 == "[ucernvm-end]" { exit }
    $0 == "[ucernvm-begin]" { inside = 1; next }
    inside && (equals = index($0, "=")) {
      value = substr($0, equals + 1)
      if (toupper(value) ~ /^(YES|ON|TRUE)$/) value = 1
      if (toupper(value) ~ /^(NO|OFF|FALSE)$/) value = 0
      print "_UCONTEXT_" toupper(substr($0, 1, equals - 1)) "=" value
    }'
}

is_master() {
  case ${_UCONTEXT_CVM_CLUSTER_MASTER:-} in true | True | 1 | yes) ;; *) false ;; esac
}

keys_url() {
  echo "${_UCONTEXT_CVM_SERVICE_URL:-https://cernvm-online.cern.ch}/api/v1/clusters/$_UCONTEXT_CVM_CLUSTER_PIN/keys"
}

# pause SECONDS: sleeps that long, and up to 9 seconds more.
pause() {
  # shellcheck disable=SC3028 # busybox, which this is for, has RANDOM
  sleep "$(awk "BEGIN { print ($1 + $RANDOM % 10) * $FIELD_SECOND }")"
}

# post TRIES KEY VALUE [CURL OPTION]…: success is exactly 201.
post() {
  tries=$1 item="{ \"key\": \"$2\", \"value\": \"$3\" }"
  shift 3
  while [ "$tries" -gt 0 ]; do
    status=$(echo "$item" | curl "$@" -s -o /dev/null -w '%{http_code}' -XPOST \
      -H Content-Type:application/json -d @- "$(keys_url)")
    [ "$status" != 201 ] || return 0
    tries=$((tries - 1))
    pause 25
  done
  return 1
}

# fetch TRIES PAUSE KEY [CURL OPTION]…: success is exactly 200. The status is the last line of `answer`,
# an empty line and the body precede it.
fetch() {
  tries=$1 seconds=$2 key=$3
  shift 3
  while [ "$tries" -gt 0 ]; do
    answer=$(curl "$@" -s -w '\n\n%{http_code}' -XGET -H Accept:text/plain "$(keys_url)/$key")
    [ "$(echo "$answer" | tail -n 1)" != 200 ] || return 0
    tries=$((tries - 1))
    pause "$seconds"
  done
  return 1
}

# fill_in FILE: puts the address that was fetched for the placeholder.
fill_in() {
  address=$(echo "$answer" | head -n -2 | sed 's/master_ip: //g')
  sed -i "s/###MASTER_IP_PLACEHOLDER###/$address/g" "$1"
}

own_address() {
  interface=$(ifconfig | head -n 1 | cut -d: -f1 | awk '{ print $1 }')
  ifconfig "$interface" | grep 'inet addr' | cut -d: -f2 | awk '{ print $1 }'
}

pair_in_bootloader() {
  [ -n "${_UCONTEXT_CVM_CLUSTER_PIN:-}" ] || return
  set -- --cacert "$FIELD_ROOT/etc/cernvm/ca-bundle.crt"
  if is_master; then
    address=$(own_address)
    [ -n "$address" ] && post 50 master_ip "$address" "$@"
  else
    fetch 50 25 master_ready "$@" && fetch 50 25 master_ip "$@" && fill_in "$user_data"
  fi
}

run_bootloader() {
  [ ! -e "$kept/ami-contextualized" ] && [ -f "$user_data" ] || exit 0
  if gzip -dc "$user_data" >"$user_data~" 2>/dev/null; then mv "$user_data~" "$user_data"; fi
  rm -f "$user_data~"
  mkdir -p "$kept"
  parse_user_data >"$kept/ucontext"
  # shellcheck source=/dev/null
  . "$kept/ucontext" 2>/dev/null # what is no assignment is run as a command, and fails
  pair_in_bootloader
  print_status "$?"
  cp "$user_data" "$kept/user-data"
  touch "$kept/ami-contextualized"
}

# run_once MARKER PROGRAM: runs a program of the operating system, if there is a context.
run_once() {
  marker=$FIELD_ROOT/etc/cernvm/$1
  [ ! -e "$marker" ] && [ -f "$instance_data" ] || exit 0
  # shellcheck source=/dev/null
  . "$kept/ucontext" 2>/dev/null # what is no assignment is run as a command, and fails
  $2
  print_status "$?"
  mkdir -p "$FIELD_ROOT/etc/cernvm"
  touch "$marker"
}

contextualize_worker() {
  is_master || { fetch 5 15 master_ip && fill_in "$instance_data"; }
}

announce_master() {
  ! is_master || post 10 master_ready yes
}

print_status() {
  if [ "$1" -eq 0 ]; then echo "$program: done"; else echo "$program: given up, boot goes on"; fi
}

program=$1
case $program in
  bootloader) run_bootloader ;;
  contextualize) run_once cloudinit-contextualized contextualize_worker ;;
  announce-ready) run_once cloudinit-master-ready-sent announce_master ;;
esac
