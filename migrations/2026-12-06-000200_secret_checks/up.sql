-- Wrong secrets of clients are known without the slow hash, which anybody could make the service compute. Filled when a
-- secret is made, and for older ones when the right one is first sent.
alter table clients
    add column secret_check bytea,
    add constraint clients_secret_check_whole check (octet_length(secret_check) = 16);
comment on column clients.secret_check is
    'Eight bytes of the digest of secret_hash and eight of that of the secret, which has 256 random bits: tells others at once.';
