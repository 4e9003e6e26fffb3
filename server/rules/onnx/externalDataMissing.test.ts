import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildProtobuf } from '../../formats/protobuf/protobufBuilder.fixture.ts';
import { MemorySource } from '../../formats/source.ts';
import type { DirectorySubject } from '../directory.ts';
import type { Report } from '../rule.ts';
import { externalDataMissing } from './externalDataMissing.ts';

/** A model that takes four bytes from a file. */
const model = (file: string): Uint8Array => {
  const location: [number, string][] = [
    [1, 'location'],
    [2, file],
  ];
  const tensor: [number, number | string | [number, string][]][] = [
    [1, 1],
    [2, 1],
    [8, 'weights'],
    [13, location],
    [14, 1],
  ];
  return buildProtobuf([
    [1, 8],
    [7, [[5, tensor]]],
  ]);
};

/** What is said of a folder of ONNX models whose data files are empty; `size` is what each model is said to have. */
function said(count: number, size: number): Report[] {
  const reports: Report[] = [];
  const names = Array.from({ length: count }, (_, index) => `m${index}`);
  const directory: Pick<DirectorySubject, 'artifacts' | 'read'> = {
    artifacts: names.map((name) => ({ name: `${name}.onnx`, format: 'onnx', size })),
    read: (name, use) => use(new MemorySource(name.endsWith('.onnx') ? model(`${name}.bin`) : new Uint8Array(0))),
  };
  externalDataMissing.check(directory as DirectorySubject, (report) => reports.push(report));
  return reports;
}

describe('the external data of the ONNX models of a folder', () => {
  it('is compared for every model of a hundred', () => {
    const reports = said(100, 1_000);
    assert.equal(reports.length, 100);
    assert.match(reports[99]!.message, /m99\.onnx takes 4 bytes from "m99\.onnx\.bin", which has 0/);
  });

  it('is not passed over in silence where the models are more than are read', () => {
    const reports = said(20, 64 << 20);
    assert.equal(reports.length, 17);
    assert.equal(reports[16]!.severity, 'info');
    assert.match(reports[16]!.message, /4 ONNX models of this folder, from "m16\.onnx" on, were not compared/);
  });
});
