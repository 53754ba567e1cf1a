# shellcheck shell=dash
# What a context says about the cluster: the fields of its ucernvm block.

BLOCK_BEGIN='[ucernvm-begin]'

# Reads the block in FILE into the variables cluster_pin, cluster_role (master or worker),
# cluster_service, cluster_interface and cluster_workers. Without a PIN there is nothing to pair: no error, an empty
# cluster_pin. Fails, with a line on the console, when the block or a field is not valid.
read_context() {
  local scratch block line
  cluster_pin='' cluster_role=worker cluster_service='' cluster_interface='' cluster_workers=''
  scratch=$(mktemp -d) && cp "$1" "$scratch/context" && block=$(plain_text "$scratch/context" "$BLOCK_BEGIN" | ucernvm_block)
  rm -rf "$scratch"
  while IFS= read -r line; do
    case $line in
      cvm_cluster_pin=*) cluster_pin=${line#*=} ;;
      cvm_cluster_master=*) cluster_role=$(role_of "${line#*=}") ;;
      cvm_service_url=*) cluster_service=${line#*=} ;;
      cvm_cluster_interface=*) cluster_interface=${line#*=} ;;
      cvm_cluster_workers=*) cluster_workers=${line#*=} ;;
      '[no end]')
        give_up 'the ucernvm block of the context has no [ucernvm-end]'
        return
        ;;
    esac
  done <<EOF
$block
EOF
  check_context
}

# Prints the key=value lines of the first block, with keys in lower case and without blanks around both. In
# cloud-config the block is in a comment or a string: the text before [ucernvm-begin] on its line is removed from
# the following lines too.
ucernvm_block() {
  LC_ALL=C awk '
    function trimmed(text) { gsub(/^[ \t]+|[ \t\r]+$/, "", text); return text }
    !inside && /^[ \t#]*\[ucernvm-begin\][ \t\r]*$/ {
      inside = 1
      margin = substr($0, 1, index($0, "[") - 1)
      next
    }
    !inside { next }
    {
      line = $0
      if (index(line, margin) == 1) line = substr(line, length(margin) + 1)
      line = trimmed(line)
      if (line == "[ucernvm-end]") { ended = 1; exit }
      equals = index(line, "=")
      if (equals) print tolower(trimmed(substr(line, 1, equals - 1))) "=" trimmed(substr(line, equals + 1))
    }
    END { if (inside && !ended) print "[no end]" }
  '
}

# role_of FLAG: prints the role that cvm_cluster_master gives.
role_of() {
  case $1 in
    1 | [Yy][Ee][Ss] | [Oo][Nn] | [Tt][Rr][Uu][Ee]) echo master ;;
    *) echo worker ;;
  esac
}

# Fails, with a line on the console, when a field is not valid. The fields become part of a URL and of commands.
# Sets `placeholder` to the one that a machine of this role replaces.
check_context() {
  local problem=
  placeholder=$MASTER_IP
  [ "$cluster_role" = worker ] || placeholder=$WORKER_IPS
  case $cluster_pin in
    '') [ "$cluster_role" = worker ] || problem='cvm_cluster_master is set, but cvm_cluster_pin is not' ;;
    *[!a-z0-9]*) problem='cvm_cluster_pin is not a PIN (12 characters of a-z and 0-9)' ;;
    ????????????) ;;
    *) problem='cvm_cluster_pin is not a PIN (12 characters of a-z and 0-9)' ;;
  esac
  case $cluster_service in
    *[!]A-Za-z0-9.:/_~%[-]*) problem='cvm_service_url is not a URL' ;;
    [Hh][Tt][Tt][Pp]://* | [Hh][Tt][Tt][Pp][Ss]://*) ;;
    *://*) problem='cvm_service_url is neither http nor https' ;;
  esac
  case $cluster_interface in
    -* | *[!A-Za-z0-9.:@_-]*) problem='cvm_cluster_interface is not the name of an interface' ;;
  esac
  case $cluster_workers in
    '' | [1-9] | [1-9][0-9] | [1-9][0-9][0-9] | [1-4][0-9][0-9][0-9] | 5000) ;;
    *) problem='cvm_cluster_workers is not a number from 1 to 5000' ;;
  esac
  [ -z "$problem" ] || give_up "$problem"
}
