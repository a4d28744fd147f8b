#!/bin/sh
# Makes the login that the servers connect as: a member of tinbao_service, which src/db/roles.sql gives
# its rights to. The image of PostgreSQL runs this once, when it makes the database.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$SERVICE_PASSWORD" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
create role tinbao_service nologin;
create role tinbao_app login password :'password' in role tinbao_service;
SQL
