# shellcheck shell=dash
# Requests to the pairing service, and its answers.

# Prepares requests about a cluster. close_cluster removes their scratch folder.
open_cluster() { # PIN [URL]
  service_url=${2:-$PAIRING_URL}
  while [ "$service_url" != "${service_url%/}" ]; do service_url=${service_url%/}; done
  cluster_url=$service_url/api/v1/clusters/$1
  scratch=$(mktemp -d) || give_up 'cannot write scratch files'
}

close_cluster() { rm -rf "$scratch"; }

# add_request SECONDS URL [LINE]…: prepares a request, written as curl's configuration so that the PIN
# is on no command line. No redirect is followed; globbing is off for the sake of [IPv6] addresses.
add_request() {
  local seconds=$1 url=$2 number
  shift 2
  if [ -e "$scratch/requests" ]; then echo next >>"$scratch/requests"; fi
  number=$(grep -c '^url' "$scratch/requests" 2>/dev/null)
  number=$((${number:-0} + 1))
  printf '%s\n' silent globoff 'proto = "=http,https"' 'write-out = "%{http_code} "' \
    'connect-timeout = 10' "max-time = $(time_for "$seconds")" 'max-filesize = 65536' \
    ${PAIRING_CA_BUNDLE:+"cacert = \"$PAIRING_CA_BUNDLE\""} "$@" \
    "dump-header = \"$scratch/headers.$number\"" "output = \"$scratch/body.$number\"" \
    "url = \"$url\"" >>"$scratch/requests"
}

# Sends the prepared requests, on one connection if possible. Sets `status` to that of the first
# answer (000 when there is none, or half a one), `later_status` to that of the second, and `asked_to_wait`.
send_requests() {
  local statuses
  rm -f "$scratch"/body.* "$scratch"/headers.*
  # The limit stops an endless answer without a length, which would fill the memory disk.
  statuses=$(exec 2>/dev/null; ulimit -f 16384; curl -q -K "$scratch/requests" || exit)
  curl_exit=$?
  rm -f "$scratch/requests"
  status=${statuses%% *} later_status=${statuses#* }
  later_status=${later_status% }
  [ "$curl_exit" -eq 0 ] || status=000 later_status=000
  asked_to_wait=$(retry_after)
}

# get_key NAME: sets `value`, or fails and explains.
get_key() {
  add_request 10 "$cluster_url/keys/$1" 'header = "Accept: text/plain"'
  send_requests
  read_value "$1" 1 "$status" || { explain; return 1; }
}

# read_value NAME NUMBER STATUS: sets `value` if that answer is one line, `NAME: value`.
read_value() {
  local body=$scratch/body.$2
  [ "$3" = 200 ] && is_text "$body" && [ "$(wc -l <"$body")" -le 1 ] || return
  value=$(cat "$body")
  case $value in
    "$1: "?*) value=${value#"$1: "} ;;
    *) return 1 ;;
  esac
}

# post_key NAME VALUE: fails, and explains, unless the key was created.
post_key() {
  printf '{ "key": "%s", "value": "%s" }' "$1" "$2" >"$scratch/item"
  add_request 20 "$cluster_url/keys" 'header = "Content-Type: application/json"' "data = \"@$scratch/item\""
  send_requests
  [ "$status" = 201 ] || { explain; return 1; }
}

# get_cluster: fails, and explains, unless the service knows the PIN.
get_cluster() {
  add_request 10 "$cluster_url"
  send_requests
  [ "$status" = 200 ] && grep -q '"pin"' "$scratch/body.1" || { explain; return 1; }
}

# header NAME: prints a header of the first answer; from its last block, because a proxy may have added one before it.
header() {
  [ -r "$scratch/headers.1" ] || return 0
  NAME=$1 LC_ALL=C awk '
    /^HTTP\// { value = "" }
    {
      colon = index($0, ":")
      if (tolower(substr($0, 1, colon - 1)) == ENVIRON["NAME"]) value = substr($0, colon + 1)
    }
    END { gsub(/^[ \t]+|[ \t\r]+$/, "", value); print value }
  ' "$scratch/headers.1"
}

# The seconds that the service asks to wait, if it does. A date is ignored.
retry_after() {
  local seconds
  seconds=$(header retry-after)
  case $seconds in
    [1-9] | [1-9][0-9] | [1-9][0-9][0-9] | [1-9][0-9][0-9][0-9] | [1-9][0-9][0-9][0-9][0-9]) echo "$seconds" ;;
  esac
}
