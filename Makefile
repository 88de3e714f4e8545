# The commands of this project. `make` alone lists them.
# Nothing needs to be installed before: setup/ uses Python's standard library only.

PYTHON := $(or $(PYTHON),$(shell sh setup/find-python 2>/dev/null))
BOOT = $(if $(PYTHON),$(PYTHON) -m setup,@sh setup/find-python)
BIN = .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run setup test lint format bench migrate messages lock screenshots clean

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

run: ## install what is missing, then serve http://127.0.0.1:8000 (HOST, PORT, DATABASE_URL, TRACKER_…)
	@$(BOOT) run

setup: ## install what is missing, start nothing
	@$(BOOT) install

test: ## install what the tests need besides and run them all (PYTEST="tests/rules -x" for some)
	@$(BOOT) test $(PYTEST)

lint: ## ruff, formatting, types, import contracts
	@$(BOOT) install --tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: ## rewrite the code as `make lint` wants it
	@$(BOOT) install --tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: ## measure decoding, hand-overs per second, look-ups, rosters, PDF
	@$(BOOT) install --tests
	$(BIN)/python -m bench

migrate: ## bring the database to the present tables
	@$(BOOT) install
	$(BIN)/tracker migrate

messages: ## gather the sentences of the code and bring the French catalogue up to date
	@$(BOOT) install
	$(BIN)/pybabel -q extract -F requirements/babel.cfg -k _ -k _l -k ngettext:1,2 --no-location --sort-output \
		--project=Tracker -o var/messages.pot tracker
	$(BIN)/pybabel update -i var/messages.pot -d tracker/translations -l fr --no-fuzzy-matching --ignore-obsolete
	$(BIN)/pybabel compile -d tracker/translations

lock: ## renew requirements/*.txt from requirements/*.in (UPGRADE=--upgrade for the newest versions)
	@$(BOOT) install --tests
	$(BIN)/python -m setup.lock $(UPGRADE)

screenshots: ## take the pictures of the README anew
	@$(BOOT) install --tests
	$(BIN)/python -m bench.screenshots

clean: ## remove what was installed and compiled; var/ (the data) stays
	rm -rf .venv node_modules tracker/static/vendor var/stamps .mypy_cache .ruff_cache .pytest_cache
	find tracker -name '*.mo' -delete
