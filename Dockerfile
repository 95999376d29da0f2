# One image that holds every program of Dragoman; the command chooses the one that runs:
#   docker build -t dragoman:dev .
#   docker run … dragoman:dev dragoman-gateway
# Both base images are arguments, so that a mirror or an own root file system can stand in for them.
ARG BUILD_IMAGE=docker.io/library/rust:1.95.0-slim-bookworm
ARG RUNTIME_IMAGE=docker.io/library/debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
# rust-toolchain.toml stays outside (.dockerignore): the toolchain is the base image's, of the same version.
COPY . .
# The caches outlive the build and are no part of the image, so what is kept is copied out in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    set -eu; \
    programs="dragoman dragoman-gateway dragoman-bot dragoman-llm-worker dragoman-crm dragoman-analytics telegram-sim"; \
    set --; for program in $programs; do set -- "$@" --bin "$program"; done; \
    cargo build --locked --release "$@"; \
    mkdir -p /out; for program in $programs; do cp "target/release/$program" /out/; done

FROM ${RUNTIME_IMAGE} AS runtime
LABEL org.opencontainers.image.title="dragoman" \
      org.opencontainers.image.description="Self-hosted Telegram platform" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# Roots of trust for api.telegram.org, model providers and CRMs.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/ /usr/local/bin/
COPY --chmod=0755 deploy/healthcheck.sh /usr/local/bin/healthcheck
COPY bots/ /usr/share/dragoman/bots/
# Where a volume for files is mounted takes its owner from here.
RUN install -d -m 0700 -o 10001 -g 10001 /var/lib/dragoman/files
# Numeric, so that Kubernetes can see that it is not root; nothing else in the image belongs to it.
USER 10001:10001
WORKDIR /tmp
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["healthcheck"]
CMD ["dragoman", "run"]
