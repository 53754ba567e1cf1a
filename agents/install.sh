#!/bin/sh
# Installs the agent: agents/install.sh [--root DIR] [--remove]
#                     agents/install.sh --ucernvm DIR
# The first into the running system or a mounted image, with its services enabled. The second into a
# checkout of µCernVM's build tree, in place of the script and beside the packages it has.
# The configuration file is the administrator's: it is neither written nor removed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

usage() {
  sed -n '2,3s/^# *//p' "$0" >&2
  exit 64
}

root='' ucernvm='' remove=
while [ $# -gt 0 ]; do
  case $1 in
    --root) [ $# -ge 2 ] || usage; root=${2%/}; shift ;;
    --ucernvm) [ $# -ge 2 ] || usage; ucernvm=${2%/}; shift ;;
    --remove) remove=yes ;;
    *) usage ;;
  esac
  shift
done

lib=usr/lib/cernvm-cluster-pairing
units=usr/lib/systemd/system
wants=etc/systemd/system
contextualization=cernvm-cluster-contextualization.service
ready=cernvm-cluster-ready.service
former=cernvm-master-ready.service # its name before it was for workers too
command=usr/bin/cernvm-cluster
manual=usr/share/man/man1/cernvm-cluster.1

install_files() { # MODE FOLDER FILE…
  mkdir -p "$2"
  mode=$1 folder=$2
  shift 2
  install -m "$mode" "$@" "$folder"
}

want() { # UNIT TARGET
  mkdir -p "$root/$wants/$2.wants"
  ln -sf "/$units/$1" "$root/$wants/$2.wants/$1"
}

remove_former() { rm -f "$root/$units/$former" "$root/$wants/multi-user.target.wants/$former"; }

# Reloads systemd, if the files were installed into the running system.
reload() {
  if [ -z "$root" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
}

if [ -n "$ucernvm" ]; then
  [ -d "$ucernvm/scripts.d" ] || {
    echo "$ucernvm has no scripts.d: it is no build tree of µCernVM." >&2
    exit 1
  }
  install_files 755 "$ucernvm/scripts.d" "$here/ucernvm/08clustercontext"
  install_files 644 "$ucernvm/packages.d/cluster-pairing/$lib" "$here"/lib/*.sh "$here/ucernvm/ucernvm.sh"
elif [ -n "$remove" ]; then
  rm -rf "$root/${lib:?}"
  rm -f "$root/$units/$contextualization" "$root/$wants/cloud-init.target.wants/$contextualization" \
    "$root/$units/$ready" "$root/$wants/multi-user.target.wants/$ready" "$root/$command" "$root/$manual"
  remove_former
  reload
else
  install_files 644 "$root/$lib" "$here"/lib/*.sh "$here/cloud-init/machine.sh" \
    "$here/cloud-init/stages.sh"
  install_files 755 "$root/$lib" "$here/cloud-init/contextualize" "$here/cloud-init/announce-ready"
  install_files 644 "$root/$units" "$here/cloud-init/$contextualization" "$here/cloud-init/$ready"
  install_files 755 "$root/${command%/*}" "$here/command/cernvm-cluster"
  install_files 644 "$root/${manual%/*}" "$here/command/cernvm-cluster.1"
  remove_former
  want "$contextualization" cloud-init.target
  want "$ready" multi-user.target
  reload
fi
