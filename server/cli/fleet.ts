import { commandOf } from './actions.ts';
import { fleetPrograms } from './fleetPrograms.ts';
import { commonHelp } from './options.ts';

const help = `Usage: weighbridge fleet enqueue SOURCE... [--priority high|normal|low] [--rate N]
       weighbridge fleet work    [--concurrency N] [--drain]
       weighbridge fleet status  [--wait]
       weighbridge fleet retry
       weighbridge fleet report  [--format text|json|html|openmetrics]

Scans the models of an organisation with many workers, by a queue in Redis or Valkey, and keeps one result for each content: what lies
in ten places is scanned once.

  enqueue  Adds the files of a folder, or of an address as "weighbridge scan" takes it, that are new, that changed, or that rules which changed read
  work     Is a worker: scans what waits, until it is stopped; then it finishes what it is at
  status   What waits, what is done, and the dead letters with their reasons
  retry    Gives the dead letters another set of tries
  report   What is known of all files; exit code 1 with findings at or above --fail-on

Options:
  --redis URL       Redis 6.2 or later, or Valkey; default: $WEIGHBRIDGE_REDIS, or redis://127.0.0.1:6379
  --store STORE     An SQLite file, or postgres://...; default: $WEIGHBRIDGE_STORE, or .weighbridge/fleet.db
  --queue NAME      Default: fleet
  --priority LEVEL  enqueue: high, normal (default) or low
  --rate N          enqueue: files of the source that may begin in a second; default: any number
  --tries N         enqueue: after which a file is a dead letter; waits double from one second on; default 5
  --all             enqueue: also files that have a result
  --hash            enqueue: reads files on servers whole, so that the same content is known wherever it lies
  --concurrency N   work: files at a time; default 1. Several workers share the work as well
  --drain           work: end when nothing waits any more
  --lease SECONDS   work: after which a worker that died has lost its file; default 30
  --grace SECONDS   work: that a worker which is stopped may take for what it is at; default 60
  --wait            status: wait until nothing is left to do; exit code 1 when there are dead letters
  --fail-on LEVEL   report: error, warning, info or never (default)
  --format FORMAT   text (default) or json; report: also html and openmetrics

${commonHelp}
Examples:
  weighbridge fleet enqueue /mnt/models --priority high
  weighbridge fleet enqueue hf://org/model s3://bucket/models
  weighbridge fleet work --concurrency 2
  weighbridge fleet status --wait
  weighbridge fleet report --format html --output fleet.html
`;

export const fleet = commandOf(help, 'say what to do', {
  enqueue: async () => (await fleetPrograms()).enqueueAction,
  work: async () => (await fleetPrograms()).workAction,
  status: async () => (await fleetPrograms()).statusAction,
  retry: async () => (await fleetPrograms()).retryAction,
  report: async () => (await fleetPrograms()).reportAction,
});
