//! The table of all variables, as `--help`, the README and `tinbao doctor` show it.

/// One variable for `--help`, the README and `tinbao doctor`: name, default, meaning.
pub const VARIABLES: &[(&str, &str, &str)] = &[
    (
        "DATABASE_URL",
        "",
        "Postgres; several hosts with target_session_attrs=read-write are allowed, sslmode and sslrootcert as in libpq",
    ),
    (
        "TINBAO_MIGRATE_DATABASE_URL",
        "DATABASE_URL",
        "Postgres as the owner of the tables, for 'tinbao migrate' alone",
    ),
    (
        "TINBAO_READ_DATABASE_URL",
        "",
        "a streaming replica for searches, statistics and exports, while it is at most 10 s behind",
    ),
    ("TINBAO_BIND", "127.0.0.1:8080", "address of the API"),
    (
        "TINBAO_METRICS_BIND",
        "127.0.0.1:9090",
        "address of the Prometheus metrics; off for none",
    ),
    (
        "TINBAO_DATA_DIR",
        "./var",
        "keys, notes and the private cluster",
    ),
    ("TINBAO_PROVINCE", "11", "province code"),
    (
        "TINBAO_NUMBER_PREFIX",
        "DB",
        "prefix of register and case numbers",
    ),
    (
        "TINBAO_ISSUER",
        "tinbao",
        "iss of own tokens and attestations",
    ),
    ("TINBAO_AUDIENCE", "tinbao", "aud that tokens must have"),
    (
        "TINBAO_LOCAL_ISSUER",
        "on",
        "off: own tokens are not accepted and not made",
    ),
    (
        "TINBAO_REVEAL_APPROVAL",
        "secret",
        "whose identity only a second officer's approval reveals: secret (reporters who asked for it) or always",
    ),
    (
        "TINBAO_JWKS",
        "",
        "further issuers: issuer=URL or file, several by comma; ;prefix=NAME names its people apart, ;typ=JWT takes plain JWTs",
    ),
    (
        "TINBAO_STEP_UP",
        "",
        "how people of further issuers must have logged in for what is sensitive: acr=… …;amr=… …;max_age=8h",
    ),
    (
        "TINBAO_SIGNING_KEY",
        "",
        "private key(s), PEM or JWK; else keys/ in the data folder",
    ),
    (
        "TINBAO_IDENTITY_KEYS",
        "",
        "id:base64,… the first wraps, all unwrap",
    ),
    (
        "TINBAO_RECEIPT_KEY",
        "",
        "base64 of 32 bytes: hashes receipts",
    ),
    ("TINBAO_CURSOR_KEY", "", "base64 of 32 bytes: seals cursors"),
    (
        "TINBAO_STORAGE",
        "",
        "where evidence lies: file:///folder (by default evidence in the data folder) or s3://bucket/prefix, with the usual AWS_… variables",
    ),
    (
        "TINBAO_LIMITS",
        "client=50/s:600,device=1/s:20,address=20/s:300,check=20/s:600",
        "rate:burst; off for none",
    ),
    (
        "TINBAO_TRUSTED_PROXIES",
        "",
        "CIDR list whose Forwarded fields are believed",
    ),
    (
        "TINBAO_WEBHOOK_ALLOWED_NETWORKS",
        "",
        "CIDR list that webhooks may reach besides public addresses, also by plain http",
    ),
    (
        "TINBAO_WEBHOOK_CA",
        "",
        "PEM certificates that receivers of webhooks are trusted by, besides the system's; TINBAO_WEBHOOK_CA_FILE names a file",
    ),
    (
        "TINBAO_PUBLIC_CHECK",
        "false",
        "true: the check is open without a token",
    ),
    (
        "TINBAO_CORS_ORIGINS",
        "",
        "origins of browser apps, by comma",
    ),
    ("TINBAO_LOG", "info", "filter of the log"),
    (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "",
        "OpenTelemetry collector that traces are sent to, OTLP over HTTP; the other OTEL_ variables apply",
    ),
];
