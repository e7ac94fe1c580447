#!/bin/sh
# Makes the random keys and passwords of an installation, once, for compose.yaml and for kubernetes/:
#   deploy/make-secrets.sh            writes deploy/secrets/; refuses when it is there
# Keep a copy of secrets/app.env where you keep passwords: without STADTBOTE_SECRET old conversations cannot be found.
set -eu
folder=${1:-$(dirname "$0")/secrets}
if [ -e "$folder" ]; then
  echo "$folder is there already: remove it first, if you really want new keys" >&2
  exit 1
fi
word() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
store=$(word) database=$(word) token=$(word) secret=$(word)$(word)
umask 077
mkdir "$folder"
cat >"$folder/app.env" <<END
STADTBOTE_SECRET=$secret
STADTBOTE_REDIS_URL=redis://:$store@valkey:6379/0
STADTBOTE_DATABASE_URL=postgresql+psycopg://stadtbote:$database@postgres:5432/stadtbote
STADTBOTE_NLU_TOKEN=$token
END
printf 'STADTBOTE_RASA_TOKEN=%s\n' "$token" >"$folder/rasa.env"
# Mounted into containers whose users are others than ours; on this machine the folder (mode 700) guards them.
umask 022
printf 'requirepass %s\n' "$store" >"$folder/valkey-auth.conf"
printf '%s' "$database" >"$folder/postgres-password"
echo "$folder: app.env, rasa.env, valkey-auth.conf, postgres-password"
