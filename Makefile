# SPDX-License-Identifier: GPL-2.0-or-later
# Everything is run from here, as root: `make help`. Tools and packages come
# from the suite's build root (packaging/suite), made on first use.

KERNEL ?= 6.12
FS ?= ext4
FUZZ_SECONDS ?= 60
MINUTES ?= 10
BUILD := $(CURDIR)/build
RUN := packaging/suite/buildroot

.DEFAULT_GOAL := help
.PHONY: help all kernel series hook hook-static tools guest deb demo check check-full check-hook \
	check-kernel check-packaging check-install mutants check-guest check-crash check-faults \
	check-model check-debug check-races check-series check-engines check-bench fuzz soak \
	summary bench bench-quick lint clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Variables: KERNEL=$(KERNEL) ($(notdir $(wildcard kernel/patches/*)))"
	@echo "           FS=$(FS) (demo: or xfs; soak: or xfs, btrfs), MINUTES=$(MINUTES) (soak)"

all: kernel hook ## build overlay.ko and the hook

kernel: ## build/kernel/$(KERNEL)/overlay.ko for Debian's unmodified kernel
	kernel/build $(KERNEL)

# For the newest kernel, if nobody asked for another.
newest := $(shell printf '%s\n' $(notdir $(wildcard kernel/patches/*)) | sort -V | tail -n1)
series: KERNEL := $(if $(filter file,$(origin KERNEL)),$(newest),$(KERNEL))
series: ## build/series/$(KERNEL): patches for the kernel's own tree (the newest)
	kernel/series/check $(KERNEL)

hook: ## build/hook/oci-syncfs-hook
	$(RUN) $(MAKE) -s -C hook BUILD=$(BUILD)/hook all

hook-static: ## build/hook/static/oci-syncfs-hook, for nodes that have other libraries
	$(RUN) $(MAKE) -s -C hook BUILD=$(BUILD)/hook static

deb: ## build/deb: Debian packages of the module (for dkms) and of the hook
	packaging/deb

tools: ## programs that the tests run in the guest
	$(RUN) $(MAKE) -s -C tests/tools BUILD=$(BUILD)/tests all

guest: ## the guest's disk image
	tests/guest/run --kernel $(KERNEL) --module stock --prepare

demo: kernel hook tools guest ## stop a container beside a busy one: stock against patched
	KERNEL=$(KERNEL) tests/demo/run $(FS)

check: ## everything that is tested on each change (about an hour)
	tests/check

check-full: ## all there is, with a table at the end (a day; the debug kernels: an hour each once)
	tests/check --full

soak: kernel hook tools guest ## containers come and go for MINUTES; build/soak.svg, soak.json
	tests/soak/run $(FS) $(MINUTES)

summary: ## the table of check-full once more, and into tests/README.md
	tests/summary/run; tests/summary/run --readme

check-hook: ## the hook's unit tests, and its tests in the guest
	tests/check hook

check-kernel: ## the engine's tests in the guest
	tests/check kernel

check-packaging: ## the packages, without a guest
	tests/check packaging

check-install: ## the packages, by apt in a guest: install, reboot, update, remove
	tests/check install

mutants: ## deliberately broken engines, each of which a test must catch; build/mutants.json
	tests/check --full mutants

check-engines: ## the hook under runc, crun, podman, containerd and CRIU (half an hour)
	tests/check engines

fuzz: ## libFuzzer on each of the hook's parsers, for FUZZ_SECONDS=$(FUZZ_SECONDS)
	$(RUN) $(MAKE) -s -C hook BUILD=$(BUILD)/hook FUZZ_SECONDS=$(FUZZ_SECONDS) fuzz

check-crash: ## power cuts after syncfs, umount and remount,ro
	tests/check crash

check-faults: ## devices that fail, fill up, or go, below two overlays; build/faults-FS.json
	tests/check faults

check-model: ## a bounded model of the engine, explored with spin; build/model.json
	tests/check model

check-guest: ## the guest harness's own tests
	tests/check guest

check-debug: ## the engine's tests on a debug kernel (first: an hour to build it)
	tests/check debug

check-races: ## everything at once, with delays at marked points, under KASAN and under KCSAN
	tests/check races

check-series: ## the engine's tests on a debug kernel built with the series (first: an hour to build it)
	tests/check series

check-bench: ## the benchmark's own tests
	tests/check bench

bench: kernel tools hook ## measure all contenders (some four hours); tables, plots, the README's numbers
	BENCH_COMMAND="make bench" tests/bench/run --readme

bench-quick: kernel tools hook ## some of that, in ten minutes
	BENCH_COMMAND="make bench-quick" tests/bench/run --quick

lint: ## checkpatch, sparse, clang-format, cppcheck, analyzers, shellcheck
	tests/check lint

clean: ## remove build/ (the cache outside of the checkout stays)
	rm -rf $(BUILD)
