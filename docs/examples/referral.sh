#!/bin/sh
# A whole referral by three partners' systems, against the demo installation of `make run`: a navigator's service meets
# somebody and writes, the police adopt and submit, the authority acknowledges and decides. Everybody in it is invented.
set -eu
HOST=${HOST:-http://127.0.0.1:8000}
SECRETS=${SECRETS:-var/demo-secrets.json}
HERE=$(dirname "$0")
TOLD=$(mktemp)
trap 'rm -f "$TOLD"' EXIT

field() { sed "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/"; } # field NAME: one text out of one line of JSON

token() { # token CLIENT: good for five minutes; ask again before it ends
    secret=$(tr ',' '\n' <"$SECRETS" | grep "\"$1\"" | field "$1")
    curl -sS --fail -u "$1:$secret" -d grant_type=client_credentials "$HOST/oauth/token" | field access_token
}

move() { # move TOKEN PATH BODY: prints what came of it, and stops where it was refused
    status=$(curl -sS -o "$TOLD" -w '%{http_code}' -X POST "$HOST/v1/$2" \
        -H "Authorization: Bearer $1" -H 'Content-Type: application/json' \
        -H 'If-Match: *' -H "Idempotency-Key: example-$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')" -d "$3")
    echo "$status $2 $(cat "$TOLD")"
    case $status in 2*) ;; *) exit 1 ;; esac
}

NAVIGATORS=$(token beacon-app)
POLICE=$(token eastshire-desk)
AUTHORITY=$(token casework)
SPOKEN='"language": "romanian", "interpreter": "professional", "notice_version": "2024-10"'

move "$NAVIGATORS" cases '{"form": {"place_kind": "raid", "under_18": "no", "language": "romanian"}}'
CASE=$(field case <"$TOLD")
move "$NAVIGATORS" "cases/$CASE/intake/explain" "{\"form\": {\"private\": true, $SPOKEN}}"
move "$NAVIGATORS" "cases/$CASE/intake/consent" \
    "{\"form\": {\"how\": \"written\", \"referral\": true, \"support\": true, \"police\": false, $SPOKEN}}"
move "$NAVIGATORS" "cases/$CASE/intake/save" "@$HERE/referral.json"
move "$NAVIGATORS" "cases/$CASE/intake/prepare" '{"form": {"to": "eastshire-police"}}'
move "$POLICE" "cases/$CASE/intake/adopt" '{"form": {}}'
move "$POLICE" "cases/$CASE/intake/submit" '{"form": {"authority": "authority", "reference": "EXAMPLE-1"}}'
move "$AUTHORITY" "cases/$CASE/intake/acknowledge" '{"form": {"reference": "REC-EXAMPLE-1", "authority": "SCA"}}'
move "$AUTHORITY" "cases/$CASE/decision/find_reasonable" '{"form": {"reasons": ["account"]}}'
echo "$CASE"
