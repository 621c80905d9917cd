#!/bin/sh
# Run once by the image of PostgreSQL, when its volume is still empty: the role that owns, the role that serves.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --set=owner="$OWNER_PASSWORD" --set=web="$WEB_PASSWORD" <<'SQL'
create role lodestar login password :'owner';
create role lodestar_web login password :'web';
create database lodestar owner lodestar;
SQL
