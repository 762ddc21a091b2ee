# AgentTier: every job is one command. `make help` lists them.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# CLUSTER: auto (kind if a Docker engine answers, else the local cluster of processes), local, kind, or current
# (the cluster of the present kubeconfig context; asks before it installs anything)
CLUSTER ?= auto
export CLUSTER

LOCAL := test-e2e/local
export GOFLAGS := -buildvcs=false
VERSION := 0.1.0

# Every recipe that builds asks the toolchain first: it names what is missing and finds JDK 25 beside an older default.
define toolchain
export JAVA_HOME="$$($(LOCAL)/toolchain.sh)"
endef
MVN = mvn -B -q -ntp

##@ See it work
.PHONY: demo
demo: images cluster deploy plugin ## Bring up a cluster, install AgentTier, and walk through a sandbox's life
	$(LOCAL)/demo.sh

.PHONY: down
down: ## Remove everything that demo, cluster and test made
	$(LOCAL)/cluster.sh down

##@ Build
.PHONY: build
build: sandboxd java ## Build sandboxd and the Java programs

.PHONY: sandboxd
sandboxd:
	@$(toolchain)
	cd images/sandboxd
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o ../../build/bin/sandboxd .
	size=$$(stat -c %s ../../build/bin/sandboxd)
	[ $$size -le $$((8 * 1024 * 1024)) ] || { echo "sandboxd has $$size bytes, at most 8 MiB are allowed in every pod" >&2; exit 1; }

.PHONY: java
java:
	@$(toolchain)
	$(MVN) -pl crds,apiserver,controller,kubectl-plugin -am package -Dmaven.test.skip=true

.PHONY: images
images: hosttools build ## Build the container images into build/images
	@$(toolchain)
	$(LOCAL)/images.sh system general

.PHONY: test-images
test-images: hosttools build
	@$(toolchain)
	$(LOCAL)/images.sh system test

.PHONY: plugin
plugin: ## Build kubectl-sandbox into build/bin
	@$(toolchain)
	$(MVN) -pl kubectl-plugin -am package -Dmaven.test.skip=true
	kubectl-plugin/package.sh build/bin

.PHONY: manifests
manifests: ## Render the chart into plain manifests in build/manifests
	@$(toolchain)
	$(LOCAL)/manifests.sh

##@ Cluster
.PHONY: cluster
cluster: hosttools ## Bring up a cluster; kubeconfig at build/cluster/kubeconfig, audit log at build/cluster/audit.log
	@$(toolchain)
	$(LOCAL)/cluster.sh up

.PHONY: deploy
deploy: ## Install or upgrade AgentTier with its Helm chart in the cluster that is up
	@$(LOCAL)/deploy.sh

##@ Test
.PHONY: test
test: ## Lint, unit, integration and end-to-end tests on a real cluster; one closing summary
	@$(LOCAL)/test.sh lint unit e2e

.PHONY: test-unit
test-unit: ## Unit and integration tests, no cluster
	@$(LOCAL)/test.sh unit

.PHONY: test-e2e
test-e2e: ## End-to-end tests on a real cluster
	@$(LOCAL)/test.sh e2e

.PHONY: test-argocd
test-argocd: ## A real Argo CD syncs sandboxes from a git repository; builds Argo CD at its first run
	@$(LOCAL)/test.sh argocd

.PHONY: test-langgraph
test-langgraph: ## Build image sandbox-langgraph and run its example agent; fetches its Python packages at its first run
	@$(LOCAL)/test.sh langgraph

.PHONY: lint
lint: ## Format, static analysis, chart lint
	@$(LOCAL)/test.sh lint

.PHONY: bench
bench: ## Measure exec through the kube API beside pods/exec in one run
	@$(LOCAL)/test.sh bench

.PHONY: soak
soak: ## The tests' full sizes
	@$(LOCAL)/test.sh soak

.PHONY: fuzz
fuzz: ## Every fuzz target for FUZZTIME (10m) each; for the night
	@$(toolchain)
	nice $(LOCAL)/fuzz.sh

.PHONY: hosttools
hosttools:
	@$(LOCAL)/hosttools.sh

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
