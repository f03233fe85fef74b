# refrain in a small image: docker build -t refrain . && docker run --rm -v "$PWD:/data" refrain scan articles.jsonl
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -qy --no-install-recommends build-essential && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
ARG REFRAIN_COMMIT
RUN REFRAIN_COMMIT=${REFRAIN_COMMIT:-unknown} cargo build --profile dist --locked

FROM debian:bookworm-slim
COPY --from=build /source/target/dist/refrain /usr/local/bin/refrain
USER nobody
WORKDIR /data
ENTRYPOINT ["refrain"]
