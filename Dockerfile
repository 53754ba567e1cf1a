# Debian 13 in all stages, so that the installed packages fit the runtime. CI replaces both tags by digests
# (docs/releasing.md).
ARG BUILD_IMAGE=docker.io/library/node:24-trixie-slim
# Node and its libraries: no shell, no package manager.
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit
COPY nest-cli.json tsconfig.json ./
COPY src src
COPY client client
COPY context context
COPY cli cli
COPY bundle bundle
RUN npm run build

FROM ${BUILD_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit
# An optional peer of a package, for development only; and what no process reads at run time.
RUN rm -rf node_modules/typescript node_modules/@libsql/*-musl* && \
  find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete
# npm reports a listed package that is not installed as missing.
RUN npm pkg delete devDependencies && npm sbom --sbom-format=cyclonedx --sbom-type=application >packages.cdx.json
# The folder is copied as content of its parent: builders keep the mode of that, but not of what is copied itself.
RUN mkdir -p volumes/data && chmod 770 volumes/data

FROM ${RUNTIME_IMAGE} AS sbom
USER 0
WORKDIR /app
COPY --from=packages /app/package.json /app/packages.cdx.json ./
COPY dev/image-sbom.js ./
RUN ["/nodejs/bin/node", "image-sbom.js"]

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=https://gitlab.cern.ch/cernvm/cluster-pairing
LABEL org.opencontainers.image.title="CernVM Cluster Pairing" \
  org.opencontainers.image.description="The service from which the machines of a CernVM cluster learn their master's address." \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.vendor="CERN" \
  org.opencontainers.image.source="$SOURCE" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION"
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=packages /app/package.json ./
COPY --from=sbom /app/sbom.cdx.json ./
COPY --from=build /app/dist dist
COPY LICENSE ./
# The embedded database, if neither Redis nor PostgreSQL is used. OpenShift runs any user, of group 0.
COPY --from=packages --chown=65532:0 /app/volumes /
# One arena of malloc for all threads: each thread's own would keep a megabyte of what it has freed.
ENV NODE_ENV=production DATA_DIR=/data MALLOC_ARENA_MAX=1
USER 65532
EXPOSE 3000 9464
# Room for young objects: with half of it each poll costs 1.5 µs more for garbage, with twice of it no less (docs/operations.md).
# Without pretenuring, because dead old objects would keep dead requests alive (docs/adr/0025-cached-polls-ahead-of-fastify.md).
CMD ["--max-semi-space-size=16", "--no-allocation-site-pretenuring", "--expose-gc", "dist/main.js"]
