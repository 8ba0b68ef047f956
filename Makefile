# `make run` shows the whole thing on this machine, `make test` checks it, `make deploy` brings it to AWS.
#
#   make run                 start everything, run the samples, keep serving until Ctrl-C
#   make run ONCE=1          the same, then end: status 0 when every run finished, else 1
#   make run CONTROL=aws     control plane on DynamoDB and SQS (of the embedded AWS) instead of SQLite
#   make run SAMPLES=0       only serve
#   make test                lint, types, layers and all tests
#   make taskrunner          build dist/taskrunner.pyz, the Task Runner as one file
#   make deploy STAGE=dev    bring a stage to what this working copy says; `make diff` shows what that would change
#   make package STAGE=dev   make and check what would be deployed, in build/dev/package
#   make layer STAGE=dev     make and publish the layer for functions that decode video; `make deploy` gives it to them
#   make images              build the container images of the Task Runner and of the functions; needs Docker
#   make status STAGE=dev    what exists of a stage
#   make backup STAGE=dev TO=s3://bucket/prefix     export a stage's tables, as they stood at one second
#   make restore STAGE=dev FROM=s3://bucket/prefix/penstock-dev-…   fill a stage's tables from such a backup
#   make destroy STAGE=dev   take a stage's functions and API away; DATA=1: everything, data too
#   make console             build the web console into the package that serves it
#   make clean               forget the embedded state

.PHONY: run test taskrunner console venv format clean deploy foundation diff package layer images status destroy backup restore

STAGE ?= dev

run: venv
	@sh infra/console || echo "the console could not be built; everything else runs without it"
	@exec .venv/bin/python -m local $(if $(ONCE),--once) $(if $(CONTROL),--control $(CONTROL)) \
	    $(if $(filter 0,$(SAMPLES)),--no-samples) $(if $(PORT),--port $(PORT)) </dev/null

test: venv
	@sh infra/test

venv:
	@sh infra/venv

taskrunner: venv
	@.venv/bin/python -m taskrunner.build

console: venv
	@sh infra/console

format: venv
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

clean:
	rm -rf .penstock

deploy: venv console
	@.venv/bin/python -m deploy up --stage $(STAGE) $(if $(ROAD),--road $(ROAD))

foundation: venv
	@.venv/bin/python -m deploy foundation --stage $(STAGE)

diff: venv
	@.venv/bin/python -m deploy diff --stage $(STAGE)

package: venv
	@.venv/bin/python -m deploy package --stage $(STAGE)

layer: venv
	@.venv/bin/python -m deploy layer --stage $(STAGE)

images:
	docker build -f docker/taskrunner.Dockerfile -t penstock-taskrunner .
	docker build -f docker/functions.Dockerfile -t penstock-functions .

status: venv
	@.venv/bin/python -m deploy status --stage $(STAGE)

backup: venv
	@.venv/bin/python -m deploy backup --stage $(STAGE) --to $(TO) $(if $(AT),--at $(AT))

restore: venv
	@.venv/bin/python -m deploy restore --stage $(STAGE) --from $(FROM)

destroy: venv
	@.venv/bin/python -m deploy down --stage $(STAGE) $(if $(DATA),--data)
