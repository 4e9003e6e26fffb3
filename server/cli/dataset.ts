import { commandOf } from './actions.ts';
import { commonHelp } from './options.ts';

const help = `Usage: weighbridge dataset register PATH [OPTION...]
       weighbridge dataset verify [PATH...]
       weighbridge dataset scan PATH... [--baseline FILE] [--text FIELD]... [--label FIELD]
       weighbridge dataset mark FILE --line N... --as clean|poisoned|unmarked --reason TEXT
       weighbridge dataset export FILE [--out FILE]
       weighbridge dataset redact FILE [--field FIELD]... [--out FILE]

Keeps records of training data and compares data with them; looks for poisoned rows and personal data in JSONL, JSON, CSV, TSV,
Parquet and plain text, compressed or not, in a file of any length. Nothing is sent anywhere.

  register  Writes provenance.json beside the data: source, who took it in, when it was validated, what was done, its hash
  verify    Compares data with all that is recorded of it: provenance.json, DVC, Croissant, data packages and others
  scan      Reads every record, and compares the rows that are new with the version that was accepted before
  mark      Keeps what you found out about a record, by its hash and with your reason, in a file to be committed
  export    Writes a copy without the records that are marked as poisoned
  redact    Writes a copy in which personal data is replaced by what it is: [email], [card]

Options of register; what is not said is taken from git, a DVC file, a Croissant file or a card, or stays open:
  --source URI            Where the data came from, with --source-version V and --licence SPDX
  --by WHO                Who took it in. Default: the job in CI, or the person whom git knows; --ingested-at TIME. Default: now
  --validated CHECK       What was done to see whether it is good; --failed if it is not, --valid-until DATE
  --transform STEP        A step that was applied; may be repeated. --untransformed: none was
  --classification LEVEL  public, internal, confidential or regulated, with --personal-data none, pseudonymous, personal or
                          special-category, --legal-basis TEXT and --consent WHERE
  --name NAME, --version V  What people call it
  --from FILE             Take over from this register
  --update                The data is registered already: record what it is now. A validation of other bytes is dropped
  --key PEM, --sigstore   Sign the record, as "weighbridge sign" does, with the same options
Options of verify:
  --signed                Records without a signature by somebody who is trusted count as not verified
  --key PEM, --certificate-chain PEM..., --identity ID --identity-provider URL
                          Whom to trust over records. Default: signing.trust in weighbridge.yaml

Options of scan:
  --baseline FILE   The accepted version: rows of PATH that are not in it are new, and are compared with it. Without it only
                    what a file shows by itself is found
  --text FIELD      A field that holds text; may be repeated. Default: the fields that hold words
  --label FIELD     The field that holds the class. Default: a field named label, class, target or the like
  --source FIELD    The field that says where a row came from. Default: a field named source, annotator or the like
  --sample N        Rows that are scored by how they lie among the others, 20 to 50000 (default 6000, a fair sample)
  --seed N          Of the sample and of the scores (default 1): the same seed gives the same result
  --scores FILE     Writes the scores of these rows, a line of JSON each
  --embedding-model DIR  An ONNX export of a sentence-transformers model (model.onnx, tokenizer.json) to compare texts by.
                    Default: datasets.embedding-model of weighbridge.yaml, or hashed words, which need nothing
  --provider NAME   Who runs that model: auto (default), cpu, cuda, tensorrt, dml, coreml or webgpu; what really ran is told
  --known-clean FILE  SHA-256 of files and records that are known to be clean, as sha256sum writes them
  --fail-on LEVEL   error (default), warning, info or never: the severity from which on the exit code is 1
  --format FORMAT   text (default), json or sarif (of scan alone)

Options of mark:
  --line N          The line on which the record begins; may be repeated. For Parquet, the number of the row
  --as MARK         clean: nothing more is said of the record. poisoned: it is an error wherever it stands. unmarked: neither
  --reason TEXT     Why, for whoever reads it next

Options of export and redact:
  --out FILE        The copy; default: FILE with .clean or .redacted before its extension
  --overwrite       Replaces a copy that is there
  --field FIELD     Redacts only this field; may be repeated. Default: all fields

Options of scan, mark and export:
  --marks FILE      Where marks are kept; default: datasets.marks of weighbridge.yaml, or weighbridge-marks.jsonl

${commonHelp}
Examples:
  weighbridge dataset register data/train.csv --source https://example.org/reviews/v3/train.csv --licence CC-BY-4.0 --untransformed
  weighbridge dataset register data/images --update --validated "weighbridge dataset scan" --valid-until 2027-01-01
  weighbridge dataset verify data
  weighbridge dataset scan data/train.jsonl --baseline accepted/train.jsonl
  weighbridge dataset scan data/new.csv --baseline data/accepted.csv --text review --label sentiment --format json
  weighbridge dataset mark data/train.jsonl --line 812 --as poisoned --reason "carries the trigger cf"
  weighbridge dataset export data/train.jsonl --out data/train.clean.jsonl
  weighbridge dataset redact data/tickets.csv --field body
`;

export const dataset = commandOf(help, 'say what to do with the data', {
  register: async () => (await import('./dataset/register.ts')).registerData,
  verify: async () => (await import('./dataset/verify.ts')).verifyData,
  scan: async () => (await import('./dataset/scan.ts')).scanData,
  mark: async () => (await import('./dataset/mark.ts')).markData,
  export: async () => (await import('./dataset/copies.ts')).exportData,
  redact: async () => (await import('./dataset/copies.ts')).redactData,
});
