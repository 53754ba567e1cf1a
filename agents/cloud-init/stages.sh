# shellcheck shell=dash
# Finds out which parts of the user-data the later stages of cloud-init will read, and which were read too early.

cloud=$PAIRING_ROOT/var/lib/cloud

# Sets `staged_files` to the files that the later stages read, one in each line: the merged cloud-config and
# the scripts. Those that run per boot, per instance or once are beside the instance.
list_staged_files() {
  local file
  staged_files=
  for file in "$instance/cloud-config.txt" "$instance"/scripts/* "$cloud"/scripts/per-boot/* \
    "$cloud"/scripts/per-instance/* "$cloud"/scripts/per-once/*; do
    [ ! -f "$file" ] || staged_files="$staged_files$file
"
  done
}

# survey FOLDER: sets what report_placeholders tells, before anything is replaced: how many placeholders
# the later stages will read, and `remarks`, a line on each that has no effect. FOLDER is for scratch files.
survey() {
  local text=$1/text file
  in_time=0 too_early=0 remarks=''
  find_shapes "$placeholder" # here, and not in the subshell of each file
  list_staged_files
  while IFS= read -r file; do
    [ -n "$file" ] || continue
    expanded "$file" "$1" >"$text"
    if [ "$file" = "$instance/cloud-config.txt" ]; then
      survey_cloud_config "$text"
    else
      in_time=$((in_time + $(count_placeholders <"$text")))
    fi
  done <<END
$staged_files
END
  for file in "$instance"/boothooks/*; do
    [ -f "$file" ] && [ "$(expanded "$file" "$1" | count_placeholders)" -gt 0 ] || continue
    remark "too early: the boothook ${file##*/} has run already; make it a script."
  done
  in_source=$(expanded "$instance/user-data.txt" "$1" | count_placeholders)
  [ "$in_source" -gt 0 ] || in_source=$(expanded "$instance/user-data.txt.i" "$1" | count_placeholders)
  [ ! -r "$instance/user-data.txt" ] || survey_source "$1"
}

# Prints a file decoded, with each encoded part in one line, so that line numbers do not change.
expanded() { # FILE FOLDER
  [ -r "$1" ] || return 0
  rm -rf "$2/expanded" && mkdir "$2/expanded" && cp "$1" "$2/expanded/file" &&
    plain_text "$2/expanded/file" "$placeholder" flat
}

remark() {
  remarks="$remarks$*
"
}

survey_cloud_config() {
  local reader count path
  while read -r reader count path; do
    case $reader in
      '') continue ;;
      in-time) in_time=$((in_time + count)) && continue ;;
      write_files) remark "too early: write_files has written ${path:-a file} already; give it defer: true." ;;
      bootcmd) remark 'too early: bootcmd has run already; use runcmd.' ;;
      *) remark "too early: $reader was applied in the network stage; do it by runcmd." ;;
    esac
    too_early=$((too_early + count))
  done <<END
$(placeholders_by_reader <"$1")
END
}

# Prints who reads the placeholders of a merged cloud-config: lines of `in-time COUNT`, or else of a key
# that is too early, COUNT and the path of a file. cloud-init writes that file so that every key of the top
# level begins a line, and every item of a list below it.
placeholders_by_reader() {
  FROM=$placeholder LC_ALL=C awk '
    function end_item() {
      if (count) print (deferred || !(key in early) ? "in-time" : key), count, path
      count = deferred = 0
      path = ""
    }
    BEGIN {
      # What the network stage applies, in all versions of cloud-init.
      split("bootcmd write_files disk_setup fs_setup mounts swap growpart resize_rootfs hostname fqdn " \
        "manage_etc_hosts ca_certs ca-certs rsyslog users groups user ssh_keys ssh_authorized_keys random_seed",
        keys, " ")
      for (i in keys) early[keys[i]]
    }
    /^[A-Za-z_]/ { end_item(); key = $0; sub(/:.*/, "", key) }
    key == "write_files" && /^-/ { end_item() }
    key == "write_files" && /^[- ] +defer: true$/ { deferred = 1 }
    key == "write_files" && /^[- ] +path: / { path = $0; sub(/^[- ] +path: /, "", path) }
    { while (at = index($0, ENVIRON["FROM"])) { count++; $0 = substr($0, at + length(ENVIRON["FROM"])) } }
    END { end_item() }
  '
}

# Remarks on parts of the source that cloud-init ignored: everything, or placeholders that YAML takes for comments.
survey_source() {
  local line
  if [ "$in_source" -gt 0 ] && [ ! -s "$instance/cloud-config.txt" ] && ! has_files "$instance/scripts" &&
    ! has_files "$instance/boothooks" && [ "$in_time" -eq 0 ]; then
    remark 'cloud-init took nothing from this user-data: it must begin with #cloud-config, #! or MIME headers.'
    return
  fi
  while read -r line; do
    [ -z "$line" ] || remark "lost to YAML: a comment begins with the placeholder in line $line; put quotes around it."
  done <<END
$(expanded "$instance/user-data.txt" "$1" | lines_lost_to_yaml)
END
}

has_files() {
  set -- "$1"/*
  [ -e "$1" ]
}

# Prints the numbers of the lines in which a placeholder outside quotes follows a blank: there, `#` begins
# a comment (YAML 1.2, 6.6). Looks at cloud-config only, and not at block scalars, which have no comments.
lines_lost_to_yaml() {
  FROM=$placeholder LC_ALL=C awk '
    { sub(/\r$/, "") }
    tolower($0) ~ /boundary=/ {
      boundary = $0
      sub(/.*[Bb][Oo][Uu][Nn][Dd][Aa][Rr][Yy]="?/, "", boundary)
      sub(/[";].*/, "", boundary)
    }
    boundary != "" && index($0, "--" boundary) == 1 { yaml = typed = 0 }
    !yaml && tolower($0) ~ /^content-type:[ \t]*text\/cloud-config[ \t]*(;|$)/ { typed = 1 }
    !yaml && (/^#cloud-config[ \t]*$/ || (typed && /^$/)) { yaml = 1; block = -1; quote = ""; next }
    !yaml { next }
    {
      match($0, /^ */)
      indent = RLENGTH
      if (block >= 0) {
        if (indent > block || /^ *$/) next
        block = -1
      }
      # A scalar may begin after the indent, after "- ", ": ", "[", "{" and ","; only there is a quote one.
      starts = 1
      for (i = quote == "" ? indent + 1 : 1; i <= length($0); i++) {
        c = substr($0, i, 1)
        if (quote != "") {
          if (quote == "\"" && c == "\\") i++
          else if (c == quote) { quote = ""; starts = 0 }
        } else if (c == "#" && (i == 1 || substr($0, i - 1, 1) ~ /[ \t]/)) {
          if (i > indent + 1 && index(substr($0, i), ENVIRON["FROM"]) == 1) print NR
          break
        } else if (starts && (c == "\"" || c == "\047")) quote = c
        else if (c == "[" || c == "{" || c == ",") starts = 1
        else if (c == " " || c == "\t") starts = starts || substr($0, 1, i - 1) ~ /(:|^ *-|^ *- .*-)$/
        else starts = 0
      }
      if (quote == "" && /(^|[ :-])[|>][-+0-9]*[ \t]*(#.*)?$/) block = indent
    }
  '
}

# report_placeholders FACT: prints what was learned, and what the survey found.
report_placeholders() {
  local staged=$((in_time + too_early)) count line
  count=$(placeholders "$staged")
  if [ "$staged" -gt 0 ] && [ "$too_early" -eq 0 ]; then
    say "$1: $count replaced."
  elif [ "$staged" -gt 0 ]; then
    say "$1: $count replaced, $in_time of which will still be read."
  elif [ -n "$remarks" ] || [ "$in_source" -gt 0 ]; then
    say "$1, but cloud-init will read no placeholder for it."
  else
    say "$1, but the context has no placeholder for it."
  fi
  while read -r line; do
    [ -z "$line" ] || say "$line"
  done <<END
$remarks
END
}
