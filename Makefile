.DEFAULT_GOAL := help
.PHONY: run test check fmt gen bench help

run: ## start everything: chat page on http://127.0.0.1:8081, API on http://127.0.0.1:8080
	cargo run --package dragoman --bin dragoman -- up

test: ## every test, on servers and ports of their own
	cargo xtask test

check: ## format, lints, tidy, generated files, dependencies, deployment files
	cargo xtask check

fmt: ## format the code
	cargo fmt --all

gen: ## write the generated files
	cargo xtask gen

bench: ## measure, in release mode (some minutes; ARGS="--runs 1 --only synced")
	cargo build --release --package dragoman --bin dragoman
	cargo xtask bench $(ARGS)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
