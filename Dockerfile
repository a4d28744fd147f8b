# Tinbao as a small image: one program on a slim Debian, no root, no compiler, no keys.
#   docker build -t tinbao .

FROM rust:1.95-slim-bookworm AS build
# jemalloc is built with make.
RUN apt-get update \
    && apt-get install -y --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The caches stay on the building machine, so the program is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/target,sharing=locked \
    CARGO_TARGET_DIR=/target cargo build --release --locked --bin tinbao \
    && install -D -m 0755 /target/release/tinbao /out/tinbao

FROM debian:12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 tinbao \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/tinbao --shell /usr/sbin/nologin tinbao \
    && install -d -o tinbao -g tinbao -m 0700 /var/lib/tinbao
COPY --from=build /out/tinbao /usr/local/bin/tinbao
ENV TINBAO_BIND=0.0.0.0:8080 \
    TINBAO_DATA_DIR=/var/lib/tinbao
USER 10001:10001
WORKDIR /var/lib/tinbao
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["tinbao", "health"]
ENTRYPOINT ["tinbao"]
CMD ["serve"]
