#!/bin/sh
# What an image in the field does at boot, after its bootloader: the same calls of curl, the same
# parsing, the same sed. It cannot be changed there, so what works here must go on working.
# For tests and for script/demo; pauses, and where the files are, may be set.
USER_DATA=${USER_DATA:-/user-data}
CA_BUNDLE=${CA_BUNDLE:-/etc/cernvm/ca-bundle.crt}
PAUSE=${PAUSE:-25} JITTER=${JITTER:-10} TRIES=${TRIES:-50}

# A field of the ucernvm section.
field() {
  sed -n '/^\[ucernvm-begin\]/,/^\[ucernvm-end\]/s/^'"$1"'=//p' "$USER_DATA"
}

# Calls the service; the last line is the status, before it an empty line and the body.
call() {
  curl --cacert "$CA_BUNDLE" -s -w "\n\n%{http_code}" "$@"
}

pin=$(field cvm_cluster_pin)
url=$(field cvm_service_url)
keys="${url:-https://cernvm-online.cern.ch}/api/v1/clusters/$pin/keys"

pause() {
  # shellcheck disable=SC3028 # busybox, which this is for, has RANDOM
  sleep $((PAUSE + RANDOM % JITTER))
}

register_master() {
  ip=$(ifconfig | sed -n 's/.*inet addr:\([0-9.]*\).*/\1/p' | head -n 1)
  status=$(call -X POST -H "Content-Type:application/json" \
    -d "{ \"key\": \"master_ip\", \"value\": \"$ip\" }" "$keys" | tail -n 1)
  [ "$status" = 201 ]
}

fetch() {
  answer=$(call -H "Accept:text/plain" "$keys/$1")
  status=$(echo "$answer" | tail -n 1)
  body=$(echo "$answer" | head -n -2)
  [ "$status" = 200 ]
}

contextualize_worker() {
  fetch master_ready && fetch master_ip || return 1
  ip=$(echo "$body" | sed 's/master_ip: //')
  sed -i "s/###MASTER_IP_PLACEHOLDER###/$ip/g" "$USER_DATA"
}

case $(field cvm_cluster_master) in
  true | True | 1 | yes) try=register_master ;;
  *) try=contextualize_worker ;;
esac

n=0
while [ $n -lt "$TRIES" ]; do
  if $try; then
    echo "cluster contextualization: done"
    exit 0
  fi
  n=$((n + 1))
  pause
done
echo "cluster contextualization: given up, boot goes on"
