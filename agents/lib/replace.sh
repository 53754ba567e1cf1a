# shellcheck shell=dash
# Replacing the placeholder in the files of a context: in all of them, or in none.

# A worker replaces the first by the address of its master, a master the second by the addresses of its workers.
MASTER_IP='###MASTER_IP_PLACEHOLDER###'
WORKER_IPS='###WORKER_IPS_PLACEHOLDER###'
placeholder=$MASTER_IP

# fill_in FOLDER VALUE FACT FILE…: replaces the placeholder in these files, and prints the fact and how often.
fill_in() {
  local folder=$1 value=$2 fact=$3 count
  shift 3
  replace_placeholders "$folder" "$value" "$@" || return
  if [ "$replaced" -eq 0 ]; then
    say "$fact, but the context has no placeholder for it."
  else
    count=$(placeholders "$replaced")
    say "$fact: $count replaced."
  fi
}

# replace_placeholders FOLDER VALUE FILE…: replaces every placeholder in these files by the value. FOLDER must be
# on the same file system. Sets `replaced`, the number of placeholders. Fails after a line that says why.
replace_placeholders() {
  local stage
  # The value is in a file, because thousands of addresses are too long for an argument or a variable of awk.
  stage=$(mktemp -d "$1/.cluster-pairing.XXXXXX") && value_file=$stage/value && printf '%s\n' "$2" >"$value_file" || {
    give_up "cannot write below $1"
    return
  }
  shift 2
  find_shapes "$placeholder" # here, and not in the subshell of each file
  replace_all "$stage" "$@" || give_up 'the context could not be rewritten'
  set -- "$?" "$stage"
  rm -rf "$2"
  return "$1"
}

# replace_all STAGE FILE…: every file is first finished in STAGE, and then moved into place, so that no
# reader sees a half-written one.
replace_all() {
  local stage=$1 file number
  shift
  replaced=0 number=0
  for file in "$@"; do
    number=$((number + 1))
    mkdir "$stage/$number" && finish_copy "$file" "$stage/$number" || return
  done
  number=0
  for file in "$@"; do
    number=$((number + 1))
    [ ! -e "$stage/$number/finished" ] || mv -f "$stage/$number/finished" "$file" || return
  done
}

# finish_copy FILE FOLDER: leaves FOLDER/finished, with the mode and owner of FILE, if the placeholder
# is in FILE.
finish_copy() {
  local count
  cp "$1" "$2/text" && cp "$1" "$2/counted" || return
  count=$(plain_text "$2/counted" "$placeholder" | count_placeholders)
  [ "$count" -gt 0 ] || return 0
  edit_text "$2/text" "$placeholder" put_value || return
  # Overwritten and not created: the copy has the mode and owner already.
  cp -p "$1" "$2/finished" && cat "$2/text" >"$2/finished" || return
  replaced=$((replaced + count))
}

# Prints how many placeholders there are in what it reads.
count_placeholders() {
  FROM=$placeholder LC_ALL=C awk '
    { while (at = index($0, ENVIRON["FROM"])) { count++; $0 = substr($0, at + length(ENVIRON["FROM"])) } }
    END { print count + 0 }'
}

placeholders() { echo "$1 placeholder$([ "$1" -eq 1 ] || echo s)"; }

# Replaces every placeholder in a text by the value, without patterns and replacement syntax, which a value could
# misuse.
put_value() {
  local last_line=open
  grep -qF "$placeholder" "$1" || return 0
  [ -n "$(tail -c 1 "$1")" ] || last_line=closed
  FROM=$placeholder VALUE=$value_file LAST_LINE=$last_line LC_ALL=C awk '
    BEGIN { getline value <ENVIRON["VALUE"] }
    NR > 1 { printf "\n" }
    {
      rest = $0
      while (at = index(rest, ENVIRON["FROM"])) {
        printf "%s%s", substr(rest, 1, at - 1), value
        rest = substr(rest, at + length(ENVIRON["FROM"]))
      }
      printf "%s", rest
    }
    END { if (ENVIRON["LAST_LINE"] == "closed") printf "\n" }
  ' "$1" >"$1.put" && cat "$1.put" >"$1"
}
