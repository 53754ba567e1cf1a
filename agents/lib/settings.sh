# shellcheck shell=dash
# The settings: from the environment, otherwise from the configuration file, otherwise these defaults.

# The URL of the service, unless the context has another (cvm_service_url).
DEFAULT_URL=https://cernvm-online.cern.ch

load_settings() {
  read_settings "$PAIRING_ROOT/etc/cernvm/cluster-pairing.conf"
  : "${PAIRING_URL:=$DEFAULT_URL}"
  : "${PAIRING_CA_BUNDLE:=}"       # empty: the default of curl
  : "${PAIRING_INTERFACE:=}"       # empty: the interface of the default route
  : "${PAIRING_NAME:=}"            # empty: the host name
  : "${PAIRING_ANNOUNCE_FAILURE:=yes}"
  : "${PAIRING_UNITS:=}"           # empty: as boot_went_well says
  whole_number PAIRING_BUDGET 1500 # the maximum delay of the boot, in seconds
  whole_number PAIRING_TRIES 50    # requests, without those that the service held
  whole_number PAIRING_PAUSE 25    # seconds between two requests
  whole_number PAIRING_JITTER 9    # the maximum random addition to the pause, in seconds
  whole_number PAIRING_WAIT 25     # seconds that the service is asked to hold a request
}

# Reads NAME=value lines. They are data: nothing in the file is executed.
read_settings() {
  local line name value
  [ -r "$1" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do
    name=${line%%=*} value=${line#*=}
    case $line in
      '' | '#'*) ;;
      PAIRING_URL=* | PAIRING_CA_BUNDLE=* | PAIRING_INTERFACE=* | PAIRING_NAME=* | \
        PAIRING_ANNOUNCE_FAILURE=* | PAIRING_UNITS=* | PAIRING_BUDGET=* | PAIRING_TRIES=* | PAIRING_PAUSE=* | PAIRING_JITTER=* | PAIRING_WAIT=*)
        value=${value#\"} value=${value%\"}
        eval ": \"\${$name=\$value}\""
        ;;
      *) say "$1: ignored an unknown setting: $name" ;;
    esac
  done <"$1"
}

# whole_number NAME DEFAULT: makes sure that a setting is a number.
whole_number() {
  local value
  eval "value=\${$1:-$2}"
  case $value in
    0 | [1-9] | [1-9][0-9] | [1-9][0-9][0-9] | [1-9][0-9][0-9][0-9] | [1-9][0-9][0-9][0-9][0-9]) ;;
    *)
      say "$1 is not a whole number; using $2."
      value=$2
      ;;
  esac
  eval "$1=$value"
}
