import { ErrorCodes, ResponseError, type CodeLens } from 'vscode-languageserver/node';
import { pathOfUri } from '../address.ts';
import type { ServerContext } from '../context.ts';
import { requireFields } from '../parameters.ts';
import * as protocol from '../protocol.ts';
import { datasetReport, datasetRows } from './datasetReport.ts';

const mostRows = 1000;
const dataNames = /\.(?:jsonl|ndjson|csv|tsv|tab)$/i;

/** Answers the page of a scan, and the lens on the first line of a data file. */
export function listenForDatasets(context: ServerContext): void {
  const { session, folders, datasets } = context;
  const { connection } = session;
  connection.onRequest(protocol.datasetReport, (params: protocol.DatasetReportParams) => {
    requireFields(protocol.datasetReport, params, { uri: 'string' });
    const file = pathOfUri(params.uri);
    const known = file === null ? undefined : datasets.get(file);
    if (file === null || !known) return null;
    return datasetReport(file, known, datasets.findings(file, folders.of(file)), session.trusted);
  });
  connection.onRequest(protocol.datasetRows, (params: protocol.DatasetRowsParams) => {
    requireFields(protocol.datasetRows, params, { uri: 'string', from: 'number', count: 'number', filter: 'string' });
    const file = pathOfUri(params.uri);
    const known = file === null ? undefined : datasets.get(file);
    if (file === null || !known) {
      throw new ResponseError(ErrorCodes.InvalidParams, 'This file was not scanned in this session: scan it first.');
    }
    const findings = datasets.findings(file, folders.of(file));
    return datasetRows(known, findings, { ...params, count: Math.min(params.count, mostRows) });
  });
}

export function dataLenses(uri: string, { session, folders, datasets }: ServerContext): CodeLens[] {
  const file = pathOfUri(uri);
  if (file === null || !dataNames.test(file)) return [];
  const start = { line: 0, character: 0 };
  const lens = (title: string, command: string): CodeLens => ({
    range: { start, end: start },
    command: { title, command, arguments: [{ uri }] },
  });
  const asks = session.hasCommand('weighbridge.scanDataset');
  const scan = asks ? 'weighbridge.scanDataset' : protocol.commands.scanDataset;
  const known = datasets.get(file);
  if (!known) return [lens('Scan for poisoning', scan)];
  const count = datasets.findings(file, folders.of(file)).filter(({ severity }) => severity !== 'info').length;
  const found = count === 0 ? 'nothing suspicious found' : `${count} suspicious ${count === 1 ? 'place' : 'places'}`;
  const shown = session.hasCommand('weighbridge.showDatasetScan')
    ? [lens(`Scanned: ${found}`, 'weighbridge.showDatasetScan')]
    : [];
  return [...shown, lens('Scan again', scan)];
}
