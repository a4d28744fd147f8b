-- A database remembers with which keys it is used: a value that only the key gives, and that tells nothing of it. Another
-- receipt key beside it finds no receipt and opens nothing, and must be noticed before the first citizen does.
create table key_checks (
    name text constraint key_checks_pkey primary key,
    value bytea not null,
    noted_at timestamptz not null
);
comment on table key_checks is 'Values by which a key is known again; the first start with a key writes its own.';
